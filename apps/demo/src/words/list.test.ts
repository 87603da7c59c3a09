import { expect, test } from 'vitest';

import { list } from './list.ts';

test('a list names up to four, and of more than four the first three', () => {
  expect(list(['a'])).toBe('“a”');
  expect(list(['a', 'b'])).toBe('“a” and “b”');
  expect(list(['a', 'b', 'c', 'd'])).toBe('“a”, “b”, “c” and “d”');
  expect(list(['a', 'b', 'c', 'd', 'e'])).toBe('“a”, “b”, “c” and 2 more');
});
