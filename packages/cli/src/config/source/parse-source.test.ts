import { expect, test } from 'vitest';

import { parseSource } from './parse-source.ts';

const yaml = (text: string) => parseSource(text, { json: false });
const json = (text: string) => parseSource(text, { json: true });

const file = `# comment
port: 4477
models:
  - file: a.gguf
    ctx: 3
  - id: big
    upstreams: [{ url: "http://gpu1", tpye: x }]
    aliases:
      - one
`;

test.each([
  [['port'], 2, 7],
  [['models'], 3, 1],
  [['models', 0], 4, 5],
  [['models', 0, 'ctx'], 5, 10],
  [['models', 1, 'upstreams', 0, 'url'], 7, 24],
  [['models', 1, 'aliases', 0], 9, 9],
  // Missing fields stand at the object around them.
  [['models', 1, 'upstreams', 0, 'keyEnv'], 7, 17],
  [['models', 0, 'id'], 4, 5],
  [['models', 7, 'id'], 4, 3],
  [['host'], 2, 1],
])('locate finds %j', (path, line, column) => {
  for (const text of [file, file.replaceAll('\n', '\r\n'), `\ufeff${file}`])
    expect(yaml(text).locate({ path })).toEqual({ line, column });
});

test('locate finds the name of a field', () => {
  expect(yaml(file).locate({ path: ['models', 1, 'upstreams', 0, 'tpye'], atName: true })).toEqual({
    line: 7,
    column: 39,
  });
});

test('JSON may be indented by tabs, and its fields are located by characters', () => {
  const { value, problems, locate } = json('{\n\t"port": 1,\n\t"models": [\n\t\t{ "file":\t"a" }\n\t]\n}\n');
  expect(problems).toEqual([]);
  expect(value).toEqual({ port: 1, models: [{ file: 'a' }] });
  expect(locate({ path: ['models', 0, 'file'] })).toEqual({ line: 4, column: 13 });
});

test('anchors and aliases repeat parts of a YAML file', () => {
  const { value, locate } = yaml('models:\n  - &a { file: x, ctx: 1 }\n  - *a\n');
  expect(value).toEqual({
    models: [
      { file: 'x', ctx: 1 },
      { file: 'x', ctx: 1 },
    ],
  });
  expect(locate({ path: ['models', 1, 'ctx'] })).toEqual({ line: 2, column: 24 });
});

test.each<[string, string, number, number, RegExp]>([
  ['a tab as indentation', 'models:\n\t- file: x', 2, 1, /use spaces/],
  ['a field twice', 'port: 1\nport: 2', 2, 1, /occurs twice/],
  ['two documents', 'port: 1\n---\nport: 2', 2, 1, /several documents/],
  ['an open bracket', 'models: [1, 2', 1, 14, /missing/],
  ['an open quote', 'host: "abc', 1, 11, /missing/],
  ['wrong indentation', 'models:\n  - file: x\n   ctx: 1', 3, 1, /./],
  ['a tag', 'host: !secret abc', 1, 7, /tag/],
  ['an alias without its anchor', 'port: 1\nhost: *abc', 2, 7, /alias/],
  ['a name that is no text', '? [1, 2]\n: 3', 1, 3, /must be a text/],
])('YAML with %s is a problem at its place', (_what, text, line, column, why) => {
  const { problems } = yaml(text);
  expect(problems[0]).toMatchObject({ path: [], line, column, message: expect.stringMatching(why) as string });
});

test('aliases that multiply are a problem', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [at, name] of 'bcdefghi'.split('').entries())
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(', ')}]`);
  expect(yaml(bomb.join('\n')).problems).toMatchObject([
    { message: expect.stringMatching(/repeats too much/) as string },
  ]);
});

test.each<[string, string, number, number, RegExp]>([
  ['a line comment', '{\n  // hi\n  "port": 1\n}', 2, 3, /JSON has no comments/],
  ['a block comment', '{ /* hi */ "port": 1 }', 1, 3, /JSON has no comments/],
  ['a name without quotes', '{ port: 1 }', 1, 3, /double quotes/],
  ['single quotes', "{ 'port': 1 }", 1, 3, /double quotes/],
  ['indentation in place of braces', 'port: 1', 1, 1, /braces/],
  ['a comma before a bracket', '{ "port": 1, }', 1, 1, /comma before a bracket/],
])('JSON with %s is a problem, and YAML is the remedy', (_what, text, line, column, why) => {
  const [problem, ...more] = json(text).problems;
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ line, column, message: expect.stringMatching(why) as string });
  expect(problem?.message).toContain('headway.config.yaml');
});

test('no message about syntax repeats the text', () => {
  for (const text of [
    'key: sk-secret: x',
    '{"key": sk-secret',
    'a: "\\q sk-secret"',
    '%sk-secret\n',
    'a: !sk-secret b',
    'a: *sk-secret',
  ])
    for (const parse of [yaml, json]) {
      const { problems } = parse(text);
      expect(problems).not.toEqual([]);
      expect(JSON.stringify(problems)).not.toContain('sk-secret');
    }
});
