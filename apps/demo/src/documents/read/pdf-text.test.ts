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

test('empty lines between the pieces say nothing, and a page of many lines is joined once', () => {
  expect(pageText([piece(' ', 700, true), piece('A', 690, true), piece(' ', 680, true), piece('B ', 678, true)])).toBe(
    'A\nB',
  );
  const lines = Array.from({ length: 100_000 }, (_, at) => `line ${at}`);
  const text = pageText(lines.map((line, at) => piece(line, -12 * at, true)));
  expect(text.split('\n')).toEqual(lines);
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
