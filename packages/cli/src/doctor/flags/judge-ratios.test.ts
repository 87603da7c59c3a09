import { expect, test } from 'vitest';

import { judgeRatios, ratioOf } from './judge-ratios.ts';

const steady = (median: number) => ({ median, low: median - 0.02, high: median + 0.02 });
const loose = (median: number) => ({ median, low: median - 0.16, high: median + 0.15 });
const noisy = (median: number) => ({ median, low: median / 2, high: median * 2 });
const even = steady(1);

test('a ratio is the median with its quartiles', () => {
  expect(ratioOf([1.2, 0.9, 1, 1.1, 5])).toEqual({ median: 1.1, low: 1, high: 1.2 });
  expect(ratioOf([1.5])).toEqual({ median: 1.5, low: 1.5, high: 1.5 });
});

test.each([
  ['faster prefill', { prefill: steady(1.12), decode: even, memory: 1 }, 'pays'],
  ['faster decode', { prefill: even, decode: steady(1.06), memory: 1 }, 'pays'],
  ['less memory at the same speed', { prefill: even, decode: even, memory: 0.53 }, 'pays'],
  ['less memory for slower decode', { prefill: even, decode: steady(0.94), memory: 0.53 }, 'trades'],
  ['faster prefill for slower decode', { prefill: steady(1.2), decode: steady(0.8), memory: 1 }, 'trades'],
  ['slower prefill', { prefill: steady(0.9), decode: even, memory: 1 }, 'costs'],
  ['more memory', { prefill: even, decode: even, memory: 2.5 }, 'costs'],
  ['a gain that is too small to matter', { prefill: steady(1.04), decode: even, memory: 0.95 }, 'same'],
  ['a gain within the noise', { prefill: loose(1.1), decode: even, memory: 1 }, 'same'],
  ['a loss within the noise', { prefill: loose(0.9), decode: even, memory: 1 }, 'same'],
  ['a gain of a machine that others use', { prefill: noisy(4), decode: even, memory: 0.5 }, 'noisy'],
] as const)('%s', (_, ratios, verdict) => {
  expect(judgeRatios(ratios)).toBe(verdict);
});
