import { parse } from '@headway/protocol';
import { expect, test } from 'vitest';

import { logitBiasField, readLogitBias } from './logit-bias.ts';

const read = (given: unknown) => readLogitBias(parse(logitBiasField, given));

test("OpenAI's object and llama.cpp's pairs are the same, and false is never", () => {
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

test('what is said of a token twice adds up, and never stays never', () => {
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

test('texts are refused by name', () => {
  expect(() => read([['the', 1]])).toThrow(
    '[0][0]: must be the id of a token; texts are not read, /tokenize tells their ids',
  );
  expect(() => read({ 5: 'much' })).toThrow('5: must be false, or must be a number, not a string');
});
