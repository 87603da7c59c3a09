import { expect, test } from 'vitest';

import { curvePath } from './curve-path.ts';

test('the latest value is at the right edge and the highest at the top', () => {
  const { line, area } = curvePath([0, 10, 5], { intervals: 5, height: 20 });
  expect(line).toBe('M2 20L3 20L4 0L5 10');
  expect(area).toBe('M2 20L3 20L4 0L5 10V20H2Z');
});

test('one value is a level line, and nothing is no line', () => {
  expect(curvePath([7], { intervals: 150, height: 32 }).line).toBe('M149 0L150 0');
  expect(curvePath([], { intervals: 150, height: 32 })).toEqual({ line: '', area: '' });
  expect(curvePath([0, 0], { intervals: 150, height: 32 })).toEqual({ line: '', area: '' });
});
