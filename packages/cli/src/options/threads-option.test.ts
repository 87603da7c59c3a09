import { expect, test } from 'vitest';

import { parseThreads } from './threads-option.ts';

test.each([
  ['4', 4],
  ['1,4', { decode: 1, prefill: 4 }],
])('--threads accepts %s', (text, threads) => {
  expect(parseThreads(text)).toEqual(threads);
});

test.each(['', '0', 'x', '1,', ',4', '1,2,3', '1, 4', '1025', '-1', '1.5'])('--threads refuses %j', (text) => {
  expect(() => parseThreads(text)).toThrow(/^Use (a whole number from 1 to 1024|one number, or two)/);
});
