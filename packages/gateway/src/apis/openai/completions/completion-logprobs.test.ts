import { expect, test } from 'vitest';

import { CompletionLogprobs } from './completion-logprobs.ts';

const token = (text: string, bytes = [...Buffer.from(text)], top: [string, number][] = []) => ({
  token: text,
  bytes,
  logprob: -0.5,
  top: top.map(([other, logprob]) => ({ token: other, bytes: [...Buffer.from(other)], logprob })),
});

test('text_offset counts characters across chunks, also if tokens are parts of a character', () => {
  const [first, ...rest] = [...Buffer.from('🎉')];
  const writer = new CompletionLogprobs();
  expect(writer.of([token('né'), token('\ufffd', [first ?? 0]), token('\ufffd', rest)]).text_offset).toEqual([0, 2, 3]);
  expect(writer.of([token('!'), token('?')]).text_offset).toEqual([3, 4]);
});

test('top_logprobs always includes the chosen token', () => {
  const [among, beside] = new CompletionLogprobs().of([
    token('a', undefined, [
      ['a', -0.5],
      ['b', -1],
    ]),
    token('z', undefined, [['a', -0.1]]),
  ]).top_logprobs;
  expect(among).toEqual({ a: -0.5, b: -1 });
  expect(beside).toEqual({ a: -0.1, z: -0.5 });
});
