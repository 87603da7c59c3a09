import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';

import type { Paint } from '../terminal/drawing/paint.ts';
import { WordWrap } from '../terminal/word-wrap.ts';
import type { MarkdownStyles } from './markdown-styles.ts';
import { MarkdownStream } from './markdown-stream.ts';

/** Styles that can be read in an expectation. */
const tagged =
  (name: string): Paint =>
  (text) =>
    `<${name}>${text}</${name}>`;
const styles: MarkdownStyles = {
  marks: {
    strong: tagged('b'),
    emphasis: tagged('i'),
    deleted: tagged('s'),
    code: tagged('c'),
    address: tagged('a'),
  },
  title: tagged('h1'),
  heading: tagged('h3'),
  code: tagged('pre'),
  drawn: (text) => text,
};
const same: Paint = (text) => text;
const plainText: MarkdownStyles = {
  marks: { strong: same, emphasis: same, deleted: same, code: same, address: same },
  title: same,
  heading: same,
  code: same,
  drawn: same,
};
/** Styles that name themselves before each character, so that it does not matter how a text is cut into runs. */
const each =
  (letter: string): Paint =>
  (text) =>
    Array.from(text, (character) => letter + character).join('');
const letters: MarkdownStyles = {
  marks: { strong: each('B'), emphasis: each('I'), deleted: each('S'), code: each('C'), address: each('A') },
  title: each('T'),
  heading: each('H'),
  code: each('P'),
  drawn: each('D'),
};

function show(pieces: readonly string[], columns = 60, with_ = styles, hard = false): string {
  const stream = new MarkdownStream({ columns: () => columns, styles: with_, hard });
  const shown = pieces.map((piece) => stream.write(piece)).join('') + stream.end();
  // Words are written one by one.
  return shown.replaceAll(/<\/(\w+)><\1>/g, '');
}

test.each([
  ['strong and emphasis', '**a b** *c* __d__ _e_ ***f***', '<b>a b</b> <i>c</i> <b>d</b> <i>e</i> <i><b>f</b></i>'],
  ['emphasis within other', '**a *b* `c`** ~~d~~', '<b>a <i>b</i> <c>c</c></b> <s>d</s>'],
  ['code', '`a` ``b`c`` `` ` `` x', '<c>a</c> <c>b`c</c> <c>`</c> x'],
  ['no marks in code', '`**a** [b](c) \\*` x', '<c>**a** [b](c) \\*</c> x'],
  ['code before emphasis', '*a `b* c` d', '*a <c>b* c</c> d'],
  ['links with their addresses', '[a *b*](http://c.d "e") x', 'a <i>b</i> <a>(http://c.d)</a> x'],
  [
    'links that stand for themselves',
    '<https://a.b> [https://a.b](https://a.b) x',
    '<a>https://a.b</a> <a>https://a.b</a> x',
  ],
  ['images', '![a](http://b.c/d.png) x', 'a <a>(http://b.c/d.png)</a> x'],
  ['addresses of scripts', '[a](javascript:alert(1)) x', 'a <a>(javascript:alert(1))</a> x'],
  ['escapes', '\\*a\\* \\# \\\\ C:\\new \\(x\\) \\[y\\]', '*a* # \\\\ C:\\new \\(x\\) \\[y\\]'],
  ['what is no mark', '2 * 3 * 4, 2*3*4, a_b_c, ~5, 5 < 6, a <b> c!', '2 * 3 * 4, 2*3*4, a_b_c, ~5, 5 < 6, a <b> c!'],
  ['marks without an end', '**a `b [c](d ~~e _f', '**a `b [c](d ~~e _f'],
  ['brackets', '[a] [b][c] [d](see above) a[0] [ ] x', '[a] [b][c] [d](see above) a[0] [ ] x'],
  ['Chinese', '中文**粗体**中文', '中文<b>粗体</b>中文'],
  ['headings', '# A *b*\n### C\n#d\n#', '<h1>A <i>b</i></h1>\n<h3>C</h3>\n#d\n#'],
  ['lists', '- a\n* **b**\n  + c\n1. d\n2) e\n-', '• a\n• <b>b</b>\n  • c\n1. d\n2) e\n•'],
  ['numbers that are no list', '1.5 a\n2024 b\n3.', '1.5 a\n2024 b\n3.'],
  ['rules', '---\n***\n- - -\n--\n-- a', `${'─'.repeat(32)}\n`.repeat(3) + '--\n-- a'],
  ['quotes', '> a *b*\n>> c\n>\nd', '│ a <i>b</i>\n│ │ c\n│ \nd'],
  ['code blocks', '```js\n*a*\n  - b\n```\n*c*', '```js\n<pre>*a*</pre>\n<pre>  - b</pre>\n```\n<i>c</i>'],
  ['long and other fences', '~~~~\n```\n~~~\n~~~~\n*a*', '~~~~\n<pre>```</pre>\n<pre>~~~</pre>\n~~~~\n<i>a</i>'],
  ['code blocks without an end', '```\n*a*', '```\n<pre>*a*</pre>'],
  ['code in quotes', '> ```\n> *a*\n> ```\n> *b*', '│ ```\n│ <pre>*a*</pre>\n│ ```\n│ <i>b</i>'],
  ['code that ends with its quote', '> ```\n> *a*\n*b*', '│ ```\n│ <pre>*a*</pre>\n<i>b</i>'],
  ['code in lists', '1. ```\n   *a*\n   ```\n2. *b*', '1. ```\n<pre>   *a*</pre>\n   ```\n2. <i>b</i>'],
  ['code within three ticks', '```*a*``` b', '<c>*a*</c> b'],
])('a terminal shows %s', (_what, text, shown) => {
  expect(show([text])).toBe(shown);
});

test('a table is aligned when it is complete', () => {
  const table = '| a | What it *does* |\n|---|--:|\n| `b` | reads the whole prompt first |\n| 提示 | c |\n';
  const stream = new MarkdownStream({ columns: () => 60, styles });
  expect(stream.write(table)).toBe('');
  expect(show([`${table}after`])).toBe(
    [
      '<b>a</b>    │                 <b>What it <i>does</i></b>',
      '─────┼─────────────────────────────',
      '<c>b</c>    │ reads the whole prompt first',
      '提示 │                            c',
      'after',
    ].join('\n'),
  );
});

test('cells wrap where a table is too wide, and become lists where they would be too narrow', () => {
  const table = '| Name | What it does |\n|---|---|\n| prefill | reads the whole prompt first |';
  expect(show([table], 31, plainText)).toBe(
    [
      'Name    │ What it does',
      '────────┼─────────────────────',
      'prefill │ reads the whole',
      '        │ prompt first',
    ].join('\n'),
  );
  expect(show([table], 17, plainText)).toBe('Name: prefill\nWhat it does:\n  reads the\n  whole prompt\n  first');
});

test('lines that look like a table and are none are text', () => {
  expect(show(['| a | *b* |\n| c |\nd'])).toBe('| a | <i>b</i> |\n| c |\nd');
  expect(show(['|'])).toBe('|');
  expect(show(['| a |\n|---|'])).toBe('<b>a</b>\n─');
});

test('continued lines of list items and quotes begin below their text', () => {
  expect(show(['- one two three four five\n  10. one two three four\n> one two three four five six'], 20)).toBe(
    ['• one two three', '  four five', '  10. one two three', '      four', '│ one two three', '│ four five six'].join(
      '\n',
    ),
  );
});

test('a word is written as soon as it is complete, and a mark as soon as it is decided', () => {
  const stream = new MarkdownStream({ columns: () => 60, styles: plainText });
  const pieces = ['One', ' two', ' *th', 'ree four*', ' five', ' 2', ' *', ' 3', ' **no', ' end', '\n'];
  expect(pieces.map((piece) => stream.write(piece))).toEqual([
    '',
    'One',
    '',
    '',
    ' two three four',
    ' five',
    '',
    ' 2 *',
    '',
    '',
    ' 3 **no end\n',
  ]);
});

test('text is not held back for long when a mark has no end', () => {
  for (const mark of ['*', '**', '_', '`', '[', '~~', '<', '[a](', '```', '#', '-', '1', '> ']) {
    const stream = new MarkdownStream({ columns: () => 60, styles: plainText });
    const text = `${mark}a${'word '.repeat(400)}`;
    const written = stream.write(text);
    expect(text.length - written.length).toBeLessThan(400);
    expect((written + stream.end()).replaceAll(/[\s│]/g, '')).toBe(text.replaceAll(/\s/g, '').replace('>', ''));
  }
});

const ticks = ['`', '``', '```', '\n```\n', '~~', '~~~'];
const brackets = ['[', '](', ')', '![', '<', '>', '\\', '!', 'https://a.b/c'];
const starts = [
  '\n> ',
  '\n# ',
  '\n- ',
  '\n1. ',
  '    ',
  '---',
  '\t',
  '#',
  '+',
  '\n| a | b |\n|---|---|\n',
  '\n| ',
  ' | ',
  '|',
];
const words = ['a', 'word', 'long_snake_case', '提示', '👩‍💻', 'e\u0301', '$', ' ', ' ', '  ', '\n', '\n', '\n\n'];
const pieceOfText = fc.constantFrom('*', '**', '_', '__', ...ticks, ...brackets, ...starts, ...words);
const anyMarkdown = fc.array(pieceOfText, { maxLength: 60 }).map((pieces) => pieces.join(''));
const anyColumns = fc.integer({ min: 10, max: 50 });

test('a text looks the same however it is cut into pieces', () => {
  fc.assert(
    fc.property(anyMarkdown, anyColumns, fc.boolean(), fc.array(fc.nat(120)), (text, columns, hard, cuts) => {
      const points = Array.from(text);
      const at = [0, ...cuts.filter((cut) => cut < points.length), points.length].toSorted((a, b) => a - b);
      const pieces = at.slice(1).map((end, n) => points.slice(at[n], end).join(''));
      const whole = show([text], columns, letters, hard);
      expect(show(pieces, columns, letters, hard)).toBe(whole);
      expect(show(points, columns, letters, hard)).toBe(whole);
    }),
  );
});

test('no letter of a text is lost, doubled or moved', () => {
  // Headers are repeated where a table becomes lists.
  const wide = fc.integer({ min: 40, max: 80 });
  fc.assert(
    fc.property(anyMarkdown, wide, (text, columns) => {
      fc.pre(!text.includes('|'));
      const lettersOf = (shown: string) => shown.replaceAll(/[^\p{L}\p{M}]/gu, '');
      expect(lettersOf(show([text], columns, plainText))).toBe(lettersOf(text));
    }),
  );
});

test('a text without Markdown is wrapped and nothing else', () => {
  const word = fc.constantFrom(
    'a',
    'word',
    'snake_case',
    '提示。',
    '👩‍💻',
    '2 * 3',
    '1.5',
    '(x) ',
    'a[0].',
    '$',
    ' ',
    '  ',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), fc.integer({ min: 16, max: 40 }), (parts, columns) => {
      const text = parts.join('').replaceAll(/^[ \t]+/gm, '');
      const wrap = new WordWrap(() => columns);
      expect(show([text], columns)).toBe(wrap.write(text) + wrap.end());
    }),
  );
});

test('no line is longer than the width where lines are cut', () => {
  fc.assert(
    fc.property(anyMarkdown, anyColumns, (text, columns) => {
      const lines = show([text], columns, plainText, true).split('\n');
      expect(lines.filter((line) => stringWidth(line) >= columns)).toEqual([]);
    }),
  );
});
