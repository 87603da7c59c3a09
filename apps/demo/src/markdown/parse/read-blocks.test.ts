import { expect, test } from 'vitest';

import type { MarkdownNode } from './node.ts';
import { createReader } from './read-blocks.ts';

const answers = {
  'paragraphs and a setext heading': 'One **two**\nthree\n\nTitle\n---\nlast *line*',
  'a list that looks like a heading at first': 'Text\n- one\n- two\n  - three\n\n  four\n\nfive',
  'a line of a list that ends as text': '- a\n--- b\n\nc\n***\nd',
  'a table after a line of text': 'x\na | b\n--|--\n1 | 2\n\nend',
  'a line that is no table after all': 'x\na | b\n--|-x\n\nend',
  'fences of several lengths': '````md\n```ts\nlet a;\n```\n````\n~~~\n```\n~~~\ntext\n```py\nopen',
  'a definition after its use':
    'See [the docs] and [b][the docs].\n\n- [the docs]\n\n[the docs]: https://example.com/a "T"\n\nend',
  'a definition with a title on the next lines': 'a [x]\n\n[x]: /u\n"title\nmore"\n\nb\n\nc',
  'the first of two definitions': '[a]: https://one.example\n\nx [a]\n\n[a]: https://two.example\n\ny [a]\n\nz',
  formulas: 'So\n$$\na\n- b\n$$\nand $x$, \\(y\\) and \\[z\n\nnot closed: $$\nq\n\nend',
  'code by indentation': 'a\n\n    code\n\n    more\n\nb\n\n\tc',
  'line ends of Windows': 'a\r\n\r\n- b\r\n- c\r\n\r\nd\re',
  quotes: '> a\nb\n> - c\n>\n> d\n\ne\n> ```\n> f\ng',
};

test.each(Object.entries(answers))('%s: a text that grew reads as the whole text', (_name, text) => {
  const read = createReader();
  for (let end = 1; end < text.length; end += 1) read(text.slice(0, end), true);
  expect(show(read(text, false))).toEqual(show(createReader()(text, false)));
});

test.each(Object.entries(answers))('%s: blocks before the last one stay the same objects', (_name, text) => {
  const read = createReader();
  if (text.includes(']:')) return;
  const seen = new Map<number, unknown>();
  for (let end = 1; end < text.length; end += 1) {
    const blocks = read(text.slice(0, end), true);
    for (const [at, block] of blocks.slice(0, -2).entries()) {
      expect(seen.get(at) ?? block).toBe(block);
      seen.set(at, block);
    }
  }
});

test('any text is read as it grows, and reads the same at once', () => {
  let random = 7;
  const next = (below: number) => (random = (random * 48271) % 2147483647) % below;
  const parts = [
    'a',
    ' ',
    '\n',
    '\n\n',
    '- ',
    '1. ',
    '> ',
    '```',
    '~~~',
    '|',
    '--|--',
    '**',
    '_',
    '[x]',
    '[x]: /u',
    '$$',
  ];
  parts.push(
    '# ',
    '---',
    '    ',
    '\\[',
    '\\]',
    '`',
    '](http://a.b)',
    '!',
    '"t"',
    '<br>',
    '\t',
    '* ',
    '===',
    ':',
    '$',
    '\r',
  );
  for (let round = 0; round < 400; round += 1) {
    const text = Array.from({ length: 24 }, () => parts[next(parts.length)]).join('');
    const read = createReader();
    for (let end = 1; end <= text.length; end += 1) read(text.slice(0, end), true);
    expect(show(read(text, false)), JSON.stringify(text)).toEqual(show(createReader()(text, false)));
  }
});

test('a text that does not go on from the one before is read anew', () => {
  const read = createReader();
  read('One\n\nTwo\n\nThree', true);
  expect(show(read('Other', false))).toEqual(show(createReader()('Other', false)));
});

test("the page's outline has no gap, whatever levels an answer uses", () => {
  const levels = (text: string) =>
    createReader()(text, false).flatMap(({ nodes }) =>
      nodes.flatMap((node) => (node.kind === 'heading' ? node.level : [])),
    );
  expect(levels('### A\n\n### B\n\n##### C\n\n# D\n\n## E')).toEqual([3, 3, 4, 3, 4]);
});

test('HTML and links with a scheme that runs something are text', () => {
  const text = '<img src=x onerror=alert(1)> [a](javascript:alert(1)) ![b](data:image/svg+xml,x) [c](JaVa\tscript:x)';
  expect(kinds(createReader()(text, false).flatMap(({ nodes }) => nodes))).not.toContain('link');
  expect(kinds(createReader()(text, false).flatMap(({ nodes }) => nodes))).not.toContain('image');
});

function show(blocks: { nodes: MarkdownNode[] }[]): MarkdownNode[][] {
  return blocks.map(({ nodes }) => nodes);
}

function kinds(nodes: MarkdownNode[]): string[] {
  return nodes.flatMap((node) => [node.kind, ...('nodes' in node ? kinds(node.nodes) : [])]);
}
