import { expect, test } from 'vitest';

import { chosenCompute, parseFlashAttention, parseKvTypes, parseLayers } from './compute-options.ts';

test.each([
  ['q8_0', { keys: 'q8_0', values: 'q8_0' }],
  ['q8_0,f16', { keys: 'q8_0', values: 'f16' }],
])('--kv-type accepts %s', (text, types) => {
  expect(parseKvTypes(text)).toEqual(types);
});

test.each(['', 'q9', 'Q8_0', 'q8_0,', ',f16', 'f16,f16,f16', 'q8_0, f16', 'toString'])(
  '--kv-type refuses %j',
  (text) => {
    expect(() => parseKvTypes(text)).toThrow(/^Use one of f32, f16, bf16, q8_0, .*keys,values\.$/);
  },
);

test('--gpu-layers accepts a number, max and auto', () => {
  expect(['0', '33', 'max', 'auto'].map(parseLayers)).toEqual([0, 33, 'max', 'auto']);
});

test.each(['', '-1', '1.5', 'all', '10000', '1e3'])('--gpu-layers refuses %j', (text) => {
  expect(() => parseLayers(text)).toThrow(/^Use a whole number from 0 to 9999, max or auto\.$/);
});

test.each(['', 'true', '1', 'ON'])('--flash-attn refuses %j', (text) => {
  expect(() => parseFlashAttention(text)).toThrow('Use on, off or auto.');
});

test('the flags become the engine’s options', () => {
  const kvType = parseKvTypes('q8_0');
  expect(chosenCompute({ kvType, flashAttn: 'on', batchSize: 256, mlock: true, gpuLayers: 'max' })).toEqual({
    kvType,
    flashAttention: true,
    batchSize: 256,
    mlock: true,
    gpuLayers: 'max',
  });
  expect(chosenCompute({ flashAttn: 'auto' }).flashAttention).toBe('auto');
  expect(chosenCompute({ flashAttn: 'off' }).flashAttention).toBe(false);
});

test('flags that contradict each other are wrong usage', () => {
  const types = parseKvTypes('q4_0');
  expect(() => chosenCompute({ kvType: types, flashAttn: 'off' })).toThrow(
    expect.objectContaining({
      code: 'invalid-request',
      message: expect.stringContaining('--flash-attn off') as string,
    }),
  );
});
