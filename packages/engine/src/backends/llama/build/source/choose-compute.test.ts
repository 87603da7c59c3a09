import { expect, it, test } from 'vitest';

import type { Gpu } from '../../binary/choose-build.ts';
import { chooseCompute, type ComputeFacts } from './choose-compute.ts';

const bare: ComputeFacts = {
  platform: 'linux',
  arch: 'x64',
  prebuilt: null,
  nvidia: false,
  nvcc: false,
  glslc: false,
};

test.each<[string, Gpu, Partial<ComputeFacts>, string]>([
  ['without a GPU', 'auto', {}, 'cpu'],
  ['with nvcc and no GPU', 'auto', { nvcc: true, glslc: true }, 'cpu'],
  ['with an NVIDIA GPU and nvcc', 'auto', { nvidia: true, nvcc: true, prebuilt: 'cuda' }, 'cuda'],
  ['with a GPU that only the driver shows', 'auto', { nvidia: true, nvcc: true }, 'cuda'],
  ['with a GPU by Vulkan', 'auto', { prebuilt: 'vulkan', glslc: true }, 'vulkan'],
  ['on a Mac', 'auto', { platform: 'darwin', arch: 'arm64' }, 'metal'],
  ['on an old Mac', 'auto', { platform: 'darwin' }, 'cpu'],
  ['asked for the CPU beside a GPU', false, { nvidia: true, nvcc: true, prebuilt: 'cuda' }, 'cpu'],
  ['asked for CUDA', 'cuda', { nvcc: true }, 'cuda'],
])('%s, gpu %s builds for it: %j', (_what, gpu, facts, compute) => {
  expect(chooseCompute(gpu, { ...bare, ...facts })).toEqual({ compute });
});

test.each<[Gpu, Partial<ComputeFacts>, RegExp]>([
  ['cuda', {}, /nvcc\) is missing; install it/],
  ['vulkan', {}, /glslc\) is missing; install it/],
  ['metal', {}, /only on macOS/],
  ['auto', { prebuilt: 'vulkan' }, /GPU computes by Vulkan, but .*glslc/],
])('gpu %s with %j says what is missing', (gpu, facts, fault) => {
  expect(chooseCompute(gpu, { ...bare, ...facts })).toEqual({ fault: expect.stringMatching(fault) });
});

it('never builds for the CPU by itself where the prebuilt binary uses a GPU', () => {
  expect(chooseCompute('auto', { ...bare, prebuilt: 'cuda', nvidia: true })).toEqual({
    fault: expect.stringMatching(/nvcc.*--gpu false/),
  });
});
