import { expect, test } from 'vitest';

import { flagCandidates, type TrialSettings } from './flag-candidates.ts';

const compute = {
  keyType: 'f16',
  valueType: 'f16',
  flashAttention: true,
  batchSize: 512,
  gpuLayers: 0,
  layers: 33,
  locked: false,
};
const base: TrialSettings = { threads: { decode: 2, prefill: 2 } };
const flagsOf = (...options: Parameters<typeof flagCandidates>) => flagCandidates(...options).map(({ flags }) => flags);

test('on a CPU flash attention, KV types, thread counts and a smaller batch are tried', () => {
  expect(flagsOf({ base, got: { compute, device: 'cpu' }, cores: 4 })).toEqual([
    '--flash-attn off',
    '--kv-type q8_0',
    '--kv-type q4_0',
    '--threads 4',
    '--threads 1',
    '--batch-size 128',
  ]);
});

test('on a GPU larger batches are tried, and no thread counts', () => {
  const got = { compute: { ...compute, gpuLayers: 33 }, device: 'cuda' };
  expect(flagsOf({ base, got, cores: 4 })).toEqual([
    '--flash-attn off',
    '--kv-type q8_0',
    '--kv-type q4_0',
    '--batch-size 1024',
    '--batch-size 2048',
  ]);
});

test('what the model has already, and what contradicts the given flags, is not tried', () => {
  const q8 = { ...compute, keyType: 'q8_0', valueType: 'q8_0' };
  const given: TrialSettings = { ...base, kvType: 'q8_0' };
  expect(flagsOf({ base: given, got: { compute: q8, device: 'cpu' }, cores: 2 })).toEqual([
    '--kv-type q4_0',
    '--threads 1',
    '--batch-size 128',
  ]);
});

test('a candidate keeps the other settings', () => {
  const [, kv] = flagCandidates({ base: { ...base, batchSize: 256 }, got: { compute, device: 'cpu' }, cores: 2 });
  expect(kv).toEqual({ flags: '--kv-type q8_0', settings: { ...base, batchSize: 256, kvType: 'q8_0' } });
});
