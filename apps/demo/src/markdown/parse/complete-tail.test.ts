import { expect, test } from 'vitest';

import { completeCode, completeTail } from './complete-tail.ts';

test.each([
  ['some **bold', 'some **bold**'],
  ['some *', 'some'],
  ['a `code', 'a `code`'],
  ['a [link](http://exa', 'a link'],
  ['a [lin', 'a lin'],
  ['an ![image](http', 'an'],
  ['**an ![image', '**an**'],
  ['a [link]', 'a link'],
  ['text\n-', 'text\n'],
  ['text\n2.', 'text\n'],
  ['| a | b', '| a | b\n| --- | --- |'],
  ['| a | b |\n|--', '| a | b |\n| --- | --- |'],
  ['text\n| a |\n|', 'text\n| a |\n| --- |'],
  ['- > 25', '- > 25'],
])('%j is shown as %j', (written, shown) => {
  expect(completeTail(written)).toBe(shown);
});

test('a row of a table stays a row', () => {
  const table = '| a | b |\n|---|---|\n| 1 | **2';
  expect(completeTail(table)).toBe(`${table}**`);
});

test('a line that may close a fence is left out', () => {
  expect(completeCode('```js\nlet a\n``')).toBe('```js\nlet a\n');
  expect(completeCode('```js\nlet a = `b`')).toBe('```js\nlet a = `b`');
});
