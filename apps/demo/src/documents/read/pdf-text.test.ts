import { expect, test } from 'vitest';

import { emptyPages, joinPages, pageText } from './pdf-text.ts';

const piece = (str: string, y: number, hasEOL = false) => ({
  str,
  transform: [10, 0, 0, 10, 50, y],
  height: 10,
  hasEOL,
});

test('pieces of a line are joined, and paragraphs are told by the gap between their lines', () => {
  expect(
    pageText([
      piece('Head', 700, true),
      piece('One', 670),
      piece(' ', 670),
      piece('line ', 670, true),
      piece('goes on.', 658, true),
      piece('', 640, true),
      piece('Next', 620),
    ]),
  ).toBe('Head\n\nOne line\ngoes on.\n\nNext');
});

test('pages have their numbers, and a single page has none', () => {
  expect(joinPages(['A'])).toBe('A');
  expect(joinPages(['A', ''])).toBe('[Page 1 of 2]\n\nA\n\n[Page 2 of 2]\n\n(no text)');
});

test('pages without text are told', () => {
  expect(emptyPages(['A', 'B'])).toBe(null);
  expect(emptyPages(['A', ''])).toBe('Page 2 has no text; it may be a picture.');
  expect(emptyPages(['', 'A', ''])).toBe('2 of 3 pages have no text; they may be pictures.');
});
