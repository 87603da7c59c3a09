import { expect, test } from 'vitest';

import { parseBlocks, parseCode, parseSpans } from './blocks.ts';

test('blank lines separate paragraphs, and single line breaks do not', () => {
  expect(parseBlocks('One\ntwo\n\n\nThree')).toEqual([
    { kind: 'text', text: 'One\ntwo', continues: false },
    { kind: 'text', text: 'Three', continues: false },
  ]);
});

test('a fence keeps its blank lines and its language', () => {
  expect(parseBlocks('Run:\n```sh\nnpm start\n\nnpm test\n```\nDone')).toEqual([
    { kind: 'text', text: 'Run:', continues: false },
    { kind: 'code', text: 'npm start\n\nnpm test', language: 'sh' },
    { kind: 'text', text: 'Done', continues: false },
  ]);
});

test('the text after an open fence is code', () => {
  expect(parseBlocks('```js\nlet a')).toEqual([{ kind: 'code', text: 'let a', language: 'js' }]);
});

test('growing text changes only the last block', () => {
  const text = 'One\n\nTwo\n```\ncode\n```\nThree four';
  for (let end = 1; end <= text.length; end += 1) {
    const before = parseBlocks(text.slice(0, end - 1)).slice(0, -1);
    expect(parseBlocks(text.slice(0, end)).slice(0, before.length)).toEqual(before);
  }
});

test('a long paragraph and long code are split into parts that join without a gap', () => {
  const lines = Array.from({ length: 120 }, (_, at) => `line ${at}`).join('\n');
  const blocks = parseBlocks(lines);
  expect(blocks.map(({ text }) => text).join('\n')).toBe(lines);
  expect(blocks).toMatchObject([{ continues: false }, { continues: true }, { continues: true }]);
  expect(parseCode(lines)).toHaveLength(3);
  expect(parseCode(`${lines}\n\n`).join('')).toBe(`${lines}\n\n`);
});

test('a pair of backticks makes code, a single one does not', () => {
  expect(parseSpans('Run `npm start` or `')).toEqual([
    { text: 'Run ', code: false },
    { text: 'npm start', code: true },
    { text: ' or `', code: false },
  ]);
});
