import { homedir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { problemLine } from '../source/config-problem.ts';
import { findConfigFile } from '../source/find-config-file.ts';
// Imported before the tests, since the first import takes seconds on a busy machine.
import '../source/load-module.ts';
import './local-model.ts';
import { openConfigFolder } from './config-folder.fixture.ts';
import { readConfig } from './read-config.ts';

/** Reads a config file of this content, beside an empty `a.gguf`, and returns its problems as lines. */
async function problemsOf(content: string, name = 'headway.config.yaml', files: Record<string, string> = {}) {
  await using folder = await openConfigFolder({ [name]: content, 'a.gguf': '', ...files });
  const { config, problems } = await readConfig(name, folder.path);
  expect(config === null).toBe(problems.length > 0);
  return problems.map((problem) => problemLine(name, problem).replaceAll(folder.path, 'FOLDER'));
}

const example = `
port: 4480
memory: 8GB
apiKeyFile: keys.txt
models:
  - file: models/a.gguf
    aliases: [small, gpt-4o]
    chatTemplateFile: template.jinja
  - file: hf:user/repo:Q4_K_M
  - id: big
    upstreams:
      - { url: 'http://gpu1:8000/v1', keyFile: gpu1.key }
`;

test('readConfig finds files beside the config file, and names local models for their files', async () => {
  await using folder = await openConfigFolder({
    'sub/headway.config.yaml': example,
    'sub/models/a.gguf': '',
    'sub/template.jinja': '{{ messages }}',
    'sub/keys.txt': '',
  });
  const { config, problems } = await readConfig('sub/headway.config.yaml', folder.path);
  expect(problems).toEqual([]);
  const sub = join(folder.path, 'sub');
  expect(config).toMatchObject({
    port: 4480,
    memory: 8e9,
    apiKeyFile: join(sub, 'keys.txt'),
    models: [
      {
        kind: 'local',
        id: 'a',
        aliases: ['small', 'gpt-4o'],
        file: join(sub, 'models/a.gguf'),
        chatTemplate: '{{ messages }}',
      },
      { kind: 'local', id: 'repo:Q4_K_M', aliases: [], file: 'hf:user/repo:Q4_K_M' },
      { kind: 'upstream', id: 'big', upstreams: [{ url: 'http://gpu1:8000/v1', keyFile: join(sub, 'gpu1.key') }] },
    ],
  });
});

test.each([
  ['headway.config.json', '{ "port": 4480 }'],
  ['headway.config.yaml', 'port: 4480'],
  ['headway.config.yml', 'port: 4480'],
  ['headway.config.ts', 'const port: number = 4480;\nexport default { port } satisfies { port: number };'],
  ['headway.config.mjs', 'export default { port: await Promise.resolve(4480) };'],
  ['headway.config.js', 'module.exports = { port: 4480 };'],
])('readConfig reads %s', async (name, content) => {
  await using folder = await openConfigFolder({ [name]: content });
  expect(findConfigFile(folder.path)).toBe(name);
  expect(await readConfig(name, folder.path)).toMatchObject({ config: { port: 4480 }, problems: [] });
});

test('findConfigFile finds none in an empty folder, and names both of two', async () => {
  await using none = await openConfigFolder({});
  expect(findConfigFile(none.path)).toBeNull();
  await using two = await openConfigFolder({ 'headway.config.json': '{}', 'headway.config.ts': '' });
  expect(() => findConfigFile(two.path)).toThrow(/headway\.config\.json, headway\.config\.ts; keep one/);
});

test('each problem is a line with its place, its field and its remedy, in the order of the file', async () => {
  const lines = await problemsOf(
    'port: 99999\nmodels:\n  - id: big\n    upstreams:\n      - url: gpu1:8000\n  - {}\nprot: 1\n',
  );
  expect(lines).toEqual([
    'headway.config.yaml:1:7 port: must be a whole number from 0 to 65535',
    'headway.config.yaml:5:14 models[0].upstreams[0].url: must be an http or https address, like http://gpu1:8000/v1',
    'headway.config.yaml:6:5 models[1]: has neither file nor upstreams; add file: ./model.gguf, or upstreams with a url each',
    'headway.config.yaml:7:1 prot: unknown field; did you mean port?',
  ]);
});

test.each<[string, string, RegExp]>([
  [
    'a missing model',
    'models: [{ file: b.gguf }]',
    /:1:18 models\[0\]\.file: there is no file FOLDER\/b\.gguf; paths begin/,
  ],
  ['a folder as a model', 'models: [{ file: . }]', /models\[0\]\.file: FOLDER is not a file/],
  [
    'a missing template',
    'models: [{ file: a.gguf, chatTemplateFile: t }]',
    /chatTemplateFile: there is no file FOLDER\/t/,
  ],
  ['an id twice', 'models: [{ file: a.gguf }, { file: a.gguf }]', /models\[1\]\.id: is the id of models\[0\] already/],
  [
    'an alias that is an id',
    'models: [{ file: a.gguf, aliases: [x, a] }]',
    /:1:39 models\[0\]\.aliases\[1\]: is the id of/,
  ],
  ['an alias twice', 'models: [{ file: a.gguf, aliases: [x, x] }]', /aliases\[1\]: is an alias of models\[0\] already/],
  [
    'a contradiction',
    'flashAttn: off\nmodels: [{ file: a.gguf, kvType: q8_0 }]',
    /kvType: values of q8_0 .* flashAttn: off/,
  ],
  ['an origin of every page', "allowOrigin: ['*']", /:1:15 allowOrigin\[0\]: "\*" would let every page/],
  ['a host name with a path', 'allowHost: [box, a/b]', /allowHost\[1\]: "a\/b" is not a host name/],
  ['an invalid host', 'host: a b', /:1:7 host: "a b" is not a host name/],
  [
    'a missing key file',
    'apiKeyFile: keys.txt',
    /:1:13 apiKeyFile: the file does not exist; create it with headway keys add/,
  ],
  ['keys and no keys', 'apiKeyFile: a.gguf\nnoAuth: true', /:2:9 noAuth: cannot be combined with apiKeyFile/],
  ['nothing', '', /^headway\.config\.yaml:1:1: must be an object with fields/],
])('readConfig refuses %s', async (_what, content, line) => {
  const lines = await problemsOf(content);
  expect(lines).toEqual([expect.stringMatching(line)]);
});

test('a path may begin at the home folder', async () => {
  const [line] = await problemsOf('models: [{ file: ~/no-such-model.gguf }]');
  expect(line).toContain(`there is no file ${join(homedir(), 'no-such-model.gguf')}`);
});

test.each<[string, string, RegExp]>([
  [
    'headway.config.ts',
    'export default {\n  port: 1, "sk-secret" };',
    /^headway\.config\.ts:2:\d+: cannot be run \(\w+\); mend it there$/,
  ],
  [
    'headway.config.ts',
    '\nthrow new TypeError("sk-secret");\nexport default {}',
    /^headway\.config\.ts:2:7: cannot be run \(TypeError\)/,
  ],
  ['headway.config.ts', 'import "sk-secret"; export default {}', /cannot be run \(Error MODULE_NOT_FOUND\)/],
  ['headway.config.mjs', 'throw "sk-secret"; export default {}', /cannot be run \(it throws\)/],
  ['headway.config.mjs', 'export const port = 1;', /exports nothing by default/],
  ['headway.config.ts', 'export default () => ({ port: 1 });', /exports a function; export the object/],
  ['headway.config.ts', 'export default { get port() { throw new Error("sk-secret") } };', /cannot be checked/],
  [
    'headway.config.ts',
    'export default { models: [{ id: "a", upstreams: [{ url: "sk-secret" }] }] };',
    /^headway\.config\.ts models\[0\]\.upstreams\[0\]\.url: must/,
  ],
  ['headway.config.toml', 'port = 1', /is of no known kind; name it like headway\.config\.json/],
])('readConfig refuses the module %s: %j, and repeats nothing of it', async (name, content, line) => {
  const lines = await problemsOf(content, name);
  expect(lines).toEqual([expect.stringMatching(line)]);
  expect(lines.join()).not.toContain('sk-secret');
});

test('readConfig refuses a missing file, a folder, a file in another encoding, and one that is too large', async () => {
  await using folder = await openConfigFolder({ 'x.yaml/y': '', 'big.yaml': 'a'.repeat(5_000_000) });
  const why = async (name: string) => (await readConfig(name, folder.path)).problems.map(({ message }) => message);
  expect(await why('none.yaml')).toEqual(['there is no such file; check its path']);
  expect(await why('none.ts')).toEqual(['there is no such file; check its path']);
  expect(await why('x.yaml')).toEqual(['is a folder; name the file in it']);
  expect(await why('big.yaml')).toEqual([expect.stringMatching(/larger than 4 MiB/)]);
});
