import { parse } from '@headway/protocol';
import { expect, test } from 'vitest';

import { logitBiasField, readLogitBias } from './logit-bias.ts';

const read = (value: unknown) => readLogitBias(parse(logitBiasField, value));

test("logit_bias takes OpenAI's object or llama.cpp's pairs, and false becomes -100", () => {
  expect(read({ 5: 1.5, 7: -100, 9: false })).toEqual({ 5: 1.5, 7: -100, 9: -100 });
  expect(
    read([
      [5, 1.5],
      [7, -100],
      [9, false],
    ]),
  ).toEqual({ 5: 1.5, 7: -100, 9: -100 });
  expect([read({}), read([]), readLogitBias(null), readLogitBias(undefined)]).toEqual([{}, {}, null, null]);
});

test('two biases of one token add up, and an excluded token stays excluded', () => {
  const twice = [
    [5, 60],
    [7, false],
    [5, 60],
    [7, 50],
    [9, -3],
    [9, 1],
  ];
  expect(read(twice)).toEqual({ 5: 120, 7: -100, 9: -2 });
});

test('logit_bias refuses strings instead of token ids', () => {
  expect(() => read([['the', 1]])).toThrow('[0][0]: must be a token id, not a string; POST /tokenize returns ids');
  expect(() => read({ 5: 'much' })).toThrow('5: must be false, or must be a number, not a string');
});
