import { expect, test } from 'vitest';

import { about, approximate, approximateDown, approximateUp } from './approximate.ts';

test('an approximate number has two digits', () => {
  expect([0, 7, 99, 104, 995, 1234, 8192, 20_500].map(approximate)).toEqual([0, 7, 99, 100, 1000, 1200, 8200, 21_000]);
  expect([0, 7, 99, 199, 1299].map(approximateDown)).toEqual([0, 7, 99, 190, 1200]);
  expect([0, 7, 99, 101, 1200, 1201].map(approximateUp)).toEqual([0, 7, 99, 110, 1200, 1300]);
});

test('only a number that is not exact is told as one', () => {
  expect(about(3021, true)).toBe('3,021');
  expect(about(3021, false)).toBe('about 3,000');
});
