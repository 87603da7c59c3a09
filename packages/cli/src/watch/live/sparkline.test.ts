import { expect, test } from 'vitest';

import { sparkline } from './sparkline.ts';

test('the highest value fills its cell, and 0 is a blank', () => {
  expect(sparkline([0, 1, 4, 8], 10)).toBe(' ▁▄█');
  expect(sparkline([0.001, 8000], 10)).toBe('▁█');
  expect(sparkline([0, 0], 10)).toBe('  ');
  expect(sparkline([], 10)).toBe('');
});

test('more values than cells are averaged, and the last bar has all of its values', () => {
  expect(sparkline([9, 0, 0, 4, 4], 3)).toBe('█ ▄');
  expect(sparkline([1, 2, 3], 0)).toHaveLength(1);
  expect(
    sparkline(
      Array.from({ length: 150 }, () => 1),
      20,
    ).length,
  ).toBeLessThanOrEqual(20);
});
