import { expect, test } from 'vitest';

import { totalsOf } from './totals.ts';
import { cardState, totalsParts } from './card-words.ts';

const answer = (
  state: 'prefill' | 'decode' | 'done' | 'error',
  completionTokens = 0,
  tokensPerSecond: number | null = null,
) => ({
  state,
  completionTokens,
  tokensPerSecond,
});

test('totals count the answers by state, and add up tokens and the rates of those that write', () => {
  const totals = totalsOf([answer('decode', 12, 40), answer('decode', 3), answer('done', 30, 44), answer('error', 5)]);
  expect(totals).toEqual({
    answers: 4,
    writing: 2,
    done: 1,
    failed: 1,
    completionTokens: 50,
    tokensPerSecond: 40,
    longest: 30,
  });
  expect(totalsParts(totals).join(' · ')).toBe(
    '4 answers · 50 tokens · 40.0 tokens/s together · 2 writing · 1 done · 1 failed',
  );
});

test('there is no rate while nothing is written', () => {
  expect(totalsOf([answer('prefill'), answer('prefill')])).toMatchObject({ tokensPerSecond: null, longest: 0 });
  expect(totalsParts(totalsOf([answer('done', 1, 9), answer('done', 1, 9)])).join(' · ')).toBe(
    '2 answers · 2 tokens · 2 done',
  );
});

test('a card tells its state in words', () => {
  const state = { prefill: null, finishReason: null, error: null, stopping: false, ...answer('decode', 5, 40) };
  expect(cardState(state)).toBe('writing');
  expect(cardState({ ...state, stopping: true })).toBe('stopping');
  expect(cardState({ ...state, state: 'done', finishReason: 'length' })).toBe('reached the length limit');
  expect(cardState({ ...state, state: 'error' })).toBe('failed');
});
