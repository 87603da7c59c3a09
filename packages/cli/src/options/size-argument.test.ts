import { expect, test } from 'vitest';

import { parseSize } from './size-argument.ts';

const whole = 16e9;

test.each([
  ['6GB', 6e9],
  ['6g', 6e9],
  ['512 MB', 512e6],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['64Ki', 65_536],
  ['1tb', 1e12],
  ['50%', 8e9],
  ['12.5 %', 2e9],
  ['200%', 16e9],
])('%s is %d bytes', (text, bytes) => {
  expect(parseSize(text, whole)).toBe(bytes);
});

test.each(['', '6', '6 bytes', 'GB', '-1GB', '0GB', '0%', '1e3MB', '6GBs', '1,5GB'])('%j is no size', (text) => {
  expect(() => parseSize(text, whole)).toThrow(/6GB/);
});
