import { expect, test } from 'vitest';

import { parseBlocks, parseCode, parseSpans } from './blocks.ts';

test('blank lines part paragraphs, single line breaks stay in them', () => {
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

test('while a fence is open, what has come is code', () => {
  expect(parseBlocks('```js\nlet a')).toEqual([{ kind: 'code', text: 'let a', language: 'js' }]);
});

test('growing text changes the last block only', () => {
  const text = 'One\n\nTwo\n```\ncode\n```\nThree four';
  for (let end = 1; end <= text.length; end += 1) {
    const before = parseBlocks(text.slice(0, end - 1)).slice(0, -1);
    expect(parseBlocks(text.slice(0, end)).slice(0, before.length)).toEqual(before);
  }
});

test('many lines are parted where nobody sees it', () => {
  const lines = Array.from({ length: 120 }, (_, at) => `line ${at}`).join('\n');
  const blocks = parseBlocks(lines);
  expect(blocks.map(({ text }) => text).join('\n')).toBe(lines);
  expect(blocks).toMatchObject([{ continues: false }, { continues: true }, { continues: true }]);
  expect(parseCode(lines)).toHaveLength(3);
  expect(parseCode(`${lines}\n\n`).join('')).toBe(`${lines}\n\n`);
});

test('backticks in a line are code, a lone one is not', () => {
  expect(parseSpans('Run `npm start` or `')).toEqual([
    { text: 'Run ', code: false },
    { text: 'npm start', code: true },
    { text: ' or `', code: false },
  ]);
});
