import { expect, test } from 'vitest';

import { codeChunks } from './code-chunks.ts';
import { textPieces } from './text-pieces.ts';

const long = Array.from({ length: 400 }, (_, at) => `word${at}`).join(' ');
const lines = Array.from({ length: 120 }, (_, at) => `line ${at}`).join('\n');

test.each([
  ['text', textPieces, long],
  ['code', codeChunks, lines],
  ['code that ends with line ends', codeChunks, `${lines}\n\n\n`],
])('long %s is cut into several parts, which joined are the text', (_what, cut, text) => {
  expect(cut(text).length).toBeGreaterThan(2);
  expect(cut(text).join('')).toBe(text);
});

test.each([
  ['text', textPieces, long],
  ['code', codeChunks, lines],
])('%s that grows changes only its last part', (_what, cut, text) => {
  for (let end = 1; end <= text.length; end += 1) {
    const before = cut(text.slice(0, end - 1)).slice(0, -1);
    expect(cut(text.slice(0, end)).slice(0, before.length)).toEqual(before);
  }
});

test('text without spaces stays whole, and no text is no piece', () => {
  expect(textPieces('x'.repeat(5000))).toHaveLength(1);
  expect(textPieces('')).toEqual([]);
  expect(codeChunks('')).toEqual(['']);
});
