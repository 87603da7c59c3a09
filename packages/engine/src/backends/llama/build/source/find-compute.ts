import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { getLlamaGpuTypes } from 'node-llama-cpp';

import type { BuildCompute } from '../../binary/build-record.ts';
import type { Gpu } from '../../binary/choose-build.ts';
import { describeCompute } from '../../model/describe-compute.ts';
import type { Tools } from '../steps/find-tools.ts';
import { chooseCompute } from './choose-compute.ts';

/**
 * What a build here computes on.
 *
 * @throws Error when a compiler for it is missing, with the remedy
 */
export async function findCompute(asked: Gpu, { nvcc, glslc }: Tools): Promise<BuildCompute> {
  const looks = asked === 'auto';
  const choice = chooseCompute(asked, {
    platform: process.platform,
    arch: process.arch,
    prebuilt: looks ? await prebuiltGpu() : null,
    nvidia: looks && (await hasNvidia()),
    nvcc,
    glslc,
  });
  if ('fault' in choice) throw new Error(choice.fault);
  return choice.compute;
}

async function prebuiltGpu(): Promise<'cuda' | 'metal' | 'vulkan' | null> {
  const drivers = await getLlamaGpuTypes('supported');
  if (!drivers.some((type) => type !== false)) return null;
  return describeCompute().then(
    ({ gpu }) => gpu,
    () => null,
  );
}

/** Long enough for a driver that starts. */
const driverMs = 20_000;

async function hasNvidia(): Promise<boolean> {
  const listed = promisify(execFile)('nvidia-smi', ['-L'], { timeout: driverMs });
  return listed.then(
    ({ stdout }) => /^GPU /m.test(stdout),
    () => false,
  );
}
