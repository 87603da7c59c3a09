import { expect, test } from 'vitest';

import { parseByteSize } from './byte-size.ts';

test.each([
  ['8GB', 8e9],
  ['8 GB', 8e9],
  ['8g', 8e9],
  ['8GiB', 8 * 2 ** 30],
  ['1.5 gib', 1.5 * 2 ** 30],
  ['512MiB', 512 * 2 ** 20],
  ['100kB', 100_000],
  ['1TB', 1e12],
  ['4096', 4096],
  ['4096B', 4096],
])('parseByteSize reads %s', (text, size) => expect(parseByteSize(text)).toBe(size));

test.each(['', '0', '0GB', '-1GB', '8 G B', 'GB', '8XB', '1e9', '8GBs', '.5GB', '8.GB', '999999999999999TB', '8 GB '])(
  'parseByteSize refuses %j',
  (text) => expect(parseByteSize(text)).toBeNull(),
);
