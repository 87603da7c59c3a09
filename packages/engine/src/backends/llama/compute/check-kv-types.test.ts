import { expect, test } from 'vitest';

import { kvShapeOf, whyKvTypesDoNotFit } from './check-kv-types.ts';
import type { KvType } from './kv-types.ts';

const shape = { keyLengths: [128], valueLengths: [128], shared: false, flashAttention: true };
const both = (type: KvType) => ({ keys: type, values: type });

test.each([
  ['f16 with any head', both('f16'), { ...shape, keyLengths: [80] }],
  ['q8_0 with heads of whole blocks', both('q8_0'), shape],
  ['quantised keys without flash attention', { keys: 'q8_0', values: 'f16' }, { ...shape, flashAttention: false }],
  ['a type for lengths that the file does not say', both('q4_0'), { ...shape, keyLengths: [], valueLengths: [] }],
] as const)('a model takes %s', (_, types, of) => {
  expect(whyKvTypesDoNotFit(types, of)).toBeNull();
});

test.each([
  [both('q8_0'), { ...shape, keyLengths: [128, 80] }, /^q8_0 packs 32 numbers, and the model's keys have 80; use /],
  [{ keys: 'f16', values: 'q4_0' }, { ...shape, valueLengths: [72] }, /^q4_0 packs 32 .* values have 72; /],
  [{ keys: 'q8_0', values: 'f16' }, { ...shape, shared: true }, /one memory; give one type for both.*--kv-type q8_0$/],
  [both('q8_0'), { ...shape, flashAttention: false }, /^values of q8_0 need flash attention, .*--kv-type q8_0,f16$/],
] as const)('a model refuses %j of %j', (types, of, problem) => {
  expect(whyKvTypesDoNotFit(types, of)).toMatch(problem);
});

test('the lengths of heads are the file’s own, or the width divided by the heads of each layer', () => {
  const of = (architectureMetadata: object) => kvShapeOf({ architectureMetadata }, true);
  expect(of({ embedding_length: 256, attention: { head_count: 4 } })).toEqual({
    keyLengths: [64],
    valueLengths: [64],
    shared: false,
    flashAttention: true,
  });
  expect(of({ embedding_length: 256, attention: { head_count: 4, key_length: 96 } }).keyLengths).toEqual([96]);
  expect(of({ embedding_length: 240, attention: { head_count: [0, 4, 3] } }).keyLengths).toEqual([60, 80]);
  expect(of({ attention: { key_length_mla: 192 } }).shared).toBe(true);
  expect(kvShapeOf({ architectureMetadata: undefined as never }, true).keyLengths).toEqual([]);
});
