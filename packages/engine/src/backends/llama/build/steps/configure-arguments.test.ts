import { expect, test } from 'vitest';

import { configureArguments } from './configure-arguments.ts';

const options = { source: '/s', build: '/b', nodeHeaders: '/h', platform: 'linux', arch: 'x64', ninja: true } as const;

test('a build for the CPU has its instructions and OpenMP, and asks for no GPU', () => {
  const args = configureArguments({ ...options, compute: 'cpu' });
  expect(args).toEqual(expect.arrayContaining(['-DGGML_NATIVE=ON', '-DGGML_OPENMP=ON', '-DGGML_CUDA=OFF']));
  expect(args).toEqual(expect.arrayContaining(['-DGGML_VULKAN=OFF', '-DGGML_METAL=OFF', '-DCMAKE_JS_INC=/h']));
  expect(args.slice(0, 6)).toEqual(['-S', '/s', '-B', '/b', '-G', 'Ninja']);
});

test.each([
  ['cuda', '-DGGML_CUDA=ON'],
  ['vulkan', '-DGGML_VULKAN=ON'],
  ['metal', '-DGGML_METAL=ON'],
] as const)('a build for %s is configured with %s alone', (compute, flag) => {
  const args = configureArguments({ ...options, compute, ninja: false });
  expect(args.filter((one) => /^-DGGML_(CUDA|VULKAN|METAL)=ON$/.test(one))).toEqual([flag]);
  expect(args).toContain('Unix Makefiles');
});

test('its libraries have names of their own, so that one process can load both binaries', () => {
  expect(configureArguments({ ...options, compute: 'cpu' })).toContain('-DCMAKE_RELEASE_POSTFIX=-headway');
});
