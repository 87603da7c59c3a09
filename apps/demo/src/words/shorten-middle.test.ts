import { expect, test } from 'vitest';

import { shortenMiddle } from './shorten-middle.ts';

test('a long name keeps its beginning and its end', () => {
  expect(shortenMiddle('notes.txt', 20)).toBe('notes.txt');
  expect(shortenMiddle('annual-report-of-the-company-2024.pdf', 24)).toBe('annual-report-…-2024.pdf');
});

test('a shortened name has no half character and no more code units than allowed', () => {
  const name = '📄'.repeat(40);
  for (const most of [2, 5, 10, 11, 79]) {
    const short = shortenMiddle(name, most);
    expect(short.length).toBeLessThanOrEqual(most);
    expect(short, 'a half of a character is in no UTF-8').toBe(
      new TextDecoder().decode(new TextEncoder().encode(short)),
    );
  }
});
