import { findBuild, forbidsBuilds } from '@headway/engine';
import type { ModelInfo } from '@headway/protocol';

import { binaryLine } from './build-lines.ts';

const computes = ['cpu', 'cuda', 'metal', 'vulkan'] as const;

/** The line about the binary that the models run on, with the gain that was measured when it was built. */
export async function describeBinary(
  models: readonly ModelInfo[],
  { viaNpm, prebuilt = false }: { viaNpm: boolean; prebuilt?: boolean | undefined },
): Promise<string | null> {
  const device = models.find(({ binary }) => binary === 'built')?.device;
  const compute = computes.find((one) => one === device);
  const build = compute ? await findBuild(compute) : null;
  return binaryLine({
    models,
    gain: build?.record.gain ?? null,
    prebuilt: prebuilt || forbidsBuilds(),
    command: viaNpm ? 'node packages/cli/dist/main.js build' : 'headway build',
    platform: process.platform,
  });
}
