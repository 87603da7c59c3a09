import { isHeadwayError } from '@headway/protocol';
import { expect, test } from 'vitest';

import { llama } from '../llama.ts';
import { readComputeOptions, type ComputeOptions } from './compute-options.ts';

test('without options a model computes as llama.cpp would', () => {
  expect(readComputeOptions({})).toEqual({
    gpuLayers: 'auto',
    kvType: { keys: 'f16', values: 'f16' },
    flashAttention: 'auto',
    batchSize: 512,
    mlock: false,
  });
});

test('one type is for keys and values', () => {
  expect(readComputeOptions({ kvType: 'q4_0' }).kvType).toEqual({ keys: 'q4_0', values: 'q4_0' });
});

test.each<[ComputeOptions, RegExp]>([
  [{ gpuLayers: -1 }, /^gpuLayers: -1 is not a whole number from 0 to 10000, "auto" or "max"$/],
  [{ gpuLayers: 1.5 }, /^gpuLayers: 1\.5 is not/],
  [{ kvType: 'q9' as 'q8_0' }, /^kvType: there is no type "q9"; use f32, f16, bf16, q8_0, /],
  [{ kvType: { keys: 'f16', values: 'toString' as 'f16' } }, /^kvType: there is no type "toString"/],
  [{ flashAttention: 'on' as 'auto' }, /^flashAttention: on is not true, false or "auto"$/],
  [{ batchSize: 0 }, /^batchSize: 0 is not a whole number from 64 to 8192$/],
  [{ batchSize: 63 }, /^batchSize: 63 is not/],
  [{ batchSize: Number.NaN }, /^batchSize: NaN is not/],
  [{ kvType: 'q8_0', flashAttention: false }, /^kvType: values of q8_0 need flash attention; .*--kv-type q8_0,f16$/],
  [{ kvType: { keys: 'f16', values: 'q4_0' }, flashAttention: false }, /^kvType: values of q4_0 .*--kv-type f16$/],
])('%j is refused before anything is loaded', (options, message) => {
  const thrown = (() => {
    try {
      return llama({ model: 'missing.gguf', ...options });
    } catch (error) {
      return error;
    }
  })();
  expect(isHeadwayError(thrown) && thrown.code).toBe('invalid-request');
  expect(thrown).toMatchObject({ message: expect.stringMatching(message) as string });
});

test('quantised keys alone need no flash attention', () => {
  expect(readComputeOptions({ kvType: { keys: 'q8_0', values: 'f16' }, flashAttention: false })).toMatchObject({
    flashAttention: false,
  });
});
