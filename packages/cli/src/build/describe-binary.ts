import {
  buildComputes,
  findBuild,
  findMeasuredGain,
  forbidsBuilds,
  type BuildGain,
  type MeasuredGain,
} from '@headway/engine';
import type { ModelInfo } from '@headway/protocol';

import { binaryLine } from './build-lines.ts';

/** The line about the binary that the models run on, with what was measured of a build's gain. */
export async function describeBinary(
  models: readonly ModelInfo[],
  { viaNpm, prebuilt = false }: { viaNpm: boolean; prebuilt?: boolean | undefined },
): Promise<string | null> {
  return binaryLine({
    models,
    gain: await gainOf(models),
    earlier: await earlierGain(models),
    prebuilt: prebuilt || forbidsBuilds(),
    command: viaNpm ? 'node packages/cli/dist/main.js build' : 'headway build',
    platform: process.platform,
  });
}

async function gainOf(models: readonly ModelInfo[]): Promise<BuildGain | null> {
  const device = models.find(({ binary }) => binary === 'built')?.device;
  const compute = buildComputes.find((one) => one === device);
  const build = compute ? await findBuild(compute) : null;
  return build?.record.gain ?? null;
}

async function earlierGain(models: readonly ModelInfo[]): Promise<MeasuredGain | null> {
  const runsPrebuilt = models.some(({ binary, device }) => binary === 'prebuilt' && device === 'cpu');
  return runsPrebuilt ? findMeasuredGain('cpu') : null;
}
