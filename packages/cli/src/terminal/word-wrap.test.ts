import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';

import { WordWrap } from './word-wrap.ts';

/** The text as it is written when it arrives in these pieces. */
function wrap(pieces: readonly string[], columns: number): string {
  const words = new WordWrap(() => columns);
  return pieces.map((piece) => words.write(piece)).join('') + words.end();
}

test.each([
  ['words that do not fit', 'The quick brown fox jumps.', 'The quick brown fox\njumps.'],
  ['a line that is full to its last column but one', 'abcdefghi abcdefghi x', 'abcdefghi abcdefghi\nx'],
  ['line breaks of its own', 'one\n\n  two three', 'one\n\n  two three'],
  ['an indented line', '    four five six seven', '    four five six\nseven'],
  ['a tab', 'a\tb\tc d e f', 'a\tb\tc d\ne f'],
  ['blanks at a line’s end', 'one two   \nthree', 'one two   \nthree'],
  [
    'a word longer than the line',
    'See https://example.org/a/long/path now',
    'See\nhttps://example.org/a/long/path now',
  ],
  ['Chinese, between any two characters', '预填充是模型阅读提示的阶段。', '预填充是模型阅读提\n示的阶段。'],
  ['Chinese, but not before a full stop', '预填充是模型阅读提。示', '预填充是模型阅读\n提。示'],
  ['Chinese, but not after an opening bracket', '预填充是模型阅读「提示」', '预填充是模型阅读\n「提示」'],
  ['Korean, at its spaces', '프리필은 모델이 프롬프트를', '프리필은 모델이\n프롬프트를'],
  ['emoji', 'one two three 👩‍💻👩‍💻👩‍💻', 'one two three\n👩‍💻👩‍💻👩‍💻'],
])('wrapping handles %s', (_what, text, shown) => {
  expect(wrap([text], 20)).toBe(shown);
});

test('wrapping leaves code between fences to the terminal, and resumes after it', () => {
  const code = '```js\nconst answer = await question("How?");\n```\n';
  expect(wrap([`${code}The quick brown fox jumps.`], 20)).toBe(`${code}The quick brown fox\njumps.`);
});

test('a word is written as soon as it is complete', () => {
  const words = new WordWrap(() => 20);
  expect(['Hel', 'lo', ' wor', 'ld,', ' again'].map((piece) => words.write(piece))).toEqual([
    '',
    '',
    'Hello',
    '',
    ' world,',
  ]);
  expect(words.end()).toBe(' again');
});

test('wrapping follows a change of the width', () => {
  let columns = 40;
  const words = new WordWrap(() => columns);
  const wide = words.write('The quick brown fox jumps over ');
  columns = 20;
  const narrow = words.write('the lazy dog, again and again.') + words.end();
  expect(wide + narrow).toBe('The quick brown fox jumps\nover the lazy dog,\nagain and again.');
});

test.each([0, 5])('a text for %i columns is not wrapped', (columns) => {
  const text = 'The quick brown fox jumps over the lazy dog.';
  expect(wrap([text], columns)).toBe(text);
});

const anyText = fc
  .array(
    fc.constantFrom(
      'a',
      'word',
      'antidisestablishment',
      ' ',
      '  ',
      '\t',
      '\n',
      '提',
      '示。',
      '👩‍💻',
      'e\u0301',
      '```',
      'é',
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(''));

test('a text wraps in the same way however it is cut into pieces', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 16, max: 40 }), fc.array(fc.nat(60)), (text, columns, cuts) => {
      const points = Array.from(text);
      const at = [0, ...cuts.filter((cut) => cut < points.length), points.length].toSorted((a, b) => a - b);
      const pieces = at.slice(1).map((end, n) => points.slice(at[n], end).join(''));
      expect(wrap(pieces, columns)).toBe(wrap([text], columns));
    }),
  );
});

test('wrapping drops only blanks at breaks, and only lines with a word that no line holds are too long', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 16, max: 40 }), (text, columns) => {
      const shown = wrap([text], columns);
      expect(shown.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      if (text.includes('```') || text.includes('\t')) return;
      const tooLong = shown.split('\n').filter((line) => stringWidth(line.trimEnd()) >= columns);
      // The terminal breaks such a word, and what follows it continues that line.
      const holds = (word: string) => stringWidth(word) < columns - 1;
      expect(tooLong.filter((line) => line.split(/\s+/).every(holds))).toEqual([]);
    }),
  );
});

test('wrapping never buffers more than a line', () => {
  for (const columns of [0, 20]) {
    for (const endless of ['x', ' ', '提', 'e\u0301', '\u0301']) {
      const words = new WordWrap(() => columns);
      const written = Array.from({ length: 2000 }, () => words.write(endless)).join('');
      expect(endless.length * 2000 - written.replaceAll('\n', '').length).toBeLessThan(1100);
    }
  }
});
