import { expect, test } from 'vitest';

import { jsonAnswer, prettyJson } from './json-answer.ts';

test('JSON gets a line for each value, as JSON.stringify writes it', () => {
  const value = { a: [1, 'x, {y}: "z" \\', { b: null }], 'c[': {}, d: [], e: [[]], f: true };
  expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  expect(prettyJson('[{}]')).toBe('[\n  {}\n]');
  expect(prettyJson(' "text" ')).toBe('"text"');
});

test('numbers keep all of their digits, and double names stay', () => {
  expect(prettyJson('{"n":12345678901234567890,"n":1.10}')).toBe('{\n  "n": 12345678901234567890,\n  "n": 1.10\n}');
});

test('what is not JSON stays as it is', () => {
  expect(prettyJson('{"a": [1, 2')).toBe('{"a": [1, 2');
  expect(prettyJson('I cannot.')).toBe('I cannot.');
});

test('a growing answer only gains text at its end', () => {
  expect(jsonAnswer('{"a": 1, "b"', true)).toBe('```json\n{"a": 1, "b"');
  expect(jsonAnswer('{"a": 1}', true).startsWith('```json\n{"a": 1')).toBe(true);
  expect(jsonAnswer('{"a": 1}', false)).toBe('```json\n{\n  "a": 1\n}\n```');
});
