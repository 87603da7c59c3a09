import typescript from 'highlight.js/lib/languages/typescript';
import { createLowlight } from 'lowlight';
import { expect, test } from 'vitest';

import { grammarOf } from './language-names.ts';
import { languages } from './languages.ts';
import { cutSpans, toSpans } from './spans.ts';

const code = 'const a = `b ${1 + c}`; // d\nfunction e(f: string) {}\n';

test('spans cover the code, each with the class of its innermost element', () => {
  const spans = toSpans(createLowlight({ typescript }).highlight('typescript', code));
  expect(spans.reduce((sum, [, length]) => sum + length, 0)).toBe(code.length);
  expect(spans.slice(0, 3)).toEqual([
    ['keyword', 5],
    ['', 5],
    ['string', 3],
  ]);
  expect(spans.map(([name]) => name)).toContain('number');
});

test('a span across the end of a chunk is cut there', () => {
  const spans = [
    ['', 3],
    ['string', 10],
    ['', 2],
  ] as const;
  expect(cutSpans(spans, [5, 5, 5])).toEqual([
    [
      ['', 3],
      ['string', 2],
    ],
    [['string', 5]],
    [
      ['string', 3],
      ['', 2],
    ],
  ]);
  expect(cutSpans([], [5, 5])).toEqual([[], []]);
});

test('every name of a language has a grammar', () => {
  expect(Object.keys(languages).map((name) => grammarOf(name))).toEqual(Object.keys(languages));
  expect(['ts', 'Python', 'HTML', 'c++', 'sh'].map(grammarOf)).toEqual(['typescript', 'python', 'xml', 'cpp', 'bash']);
  expect(['brainfog', '', 'constructor', '__proto__'].map(grammarOf)).toEqual([null, null, null, null]);
});
