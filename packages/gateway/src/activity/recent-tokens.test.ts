import { expect, test } from 'vitest';

import { RecentTokens } from './recent-tokens.ts';

const open = (most?: number) => new RecentTokens({ now: 1000, intervalMs: 2000, most });

test('an interval has the tokens that were added before it ended, a second', () => {
  const tokens = open();
  tokens.addDecoded(30);
  tokens.addDecoded(10);
  expect(tokens.read(2999).rates).toEqual({ intervalMs: 2000, prefill: [], decode: [] });
  tokens.advance(3000);
  tokens.addDecoded(5);
  expect(tokens.read(5000).rates.decode).toEqual([20, 2.5]);
});

test('an idle time is intervals without tokens', () => {
  const tokens = open();
  tokens.addDecoded(2);
  expect(tokens.read(9100).rates.decode).toEqual([1, 0, 0, 0]);
  expect(tokens.openUntil).toBe(11_000);
});

test('only the latest intervals are kept', () => {
  const tokens = open(3);
  tokens.addDecoded(2);
  tokens.advance(3000);
  tokens.addDecoded(4);
  expect(tokens.read(7000).rates.decode).toEqual([1, 2, 0]);
  expect(tokens.read(9000).rates.decode).toEqual([2, 0, 0]);
  expect(tokens.read(1e12).rates.decode).toEqual([0, 0, 0]);
});

test('prompt tokens are spread over the time in which they were read', () => {
  const tokens = open();
  tokens.addPrefilled(800, 2000, 6000);
  // 1 s of the first interval, 2 s of the second, 1 s of the open one.
  expect(tokens.read(6000).rates.prefill).toEqual([100, 200]);
  tokens.addPrefilled(100, 6000, 6000);
  expect(tokens.read(7000).rates.prefill).toEqual([100, 200, 150]);
});

test('what was read before the oldest interval is dropped', () => {
  const tokens = open(1);
  tokens.advance(21_000);
  tokens.addPrefilled(2000, 1000, 21_000);
  expect(tokens.read(21_000).rates.prefill).toEqual([100]);
  expect(tokens.read(23_000).rates.prefill).toEqual([0]);
});

test('prompts count with their cached tokens as long as their interval is kept', () => {
  const tokens = open(2);
  tokens.addPrompt(100, 40);
  tokens.advance(3000);
  tokens.addPrompt(50, 0);
  expect(tokens.read(3000).cache).toEqual({ promptTokens: 150, cachedTokens: 40 });
  expect(tokens.read(7000).cache).toEqual({ promptTokens: 50, cachedTokens: 0 });
  expect(tokens.read(9000).cache).toEqual({ promptTokens: 0, cachedTokens: 0 });
});
