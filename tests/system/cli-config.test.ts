import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { storytellerPath } from '@headway/storyteller';
import { expect, test } from 'vitest';

import { openHome, runHeadway, startHeadway } from './run-headway.ts';

const secret = 'sk-Secret-0123456789abcdef';

/** A home with these files. */
async function openHomeWith(files: Readonly<Record<string, string>>) {
  const home = await openHome();
  for (const [name, content] of Object.entries(files)) await writeFile(join(home.path, name), content, { mode: 0o600 });
  return home;
}

const sound = `port: 0
ctx: 512
models:
  - id: tale
    aliases: [gpt-4o]
    file: ${storytellerPath}
    parallel: 2
`;

const pool = `models:
  - id: big
    ctx: 32768
    upstreams:
      - { url: 'http://gpu1:8000/${secret}/v1', keyEnv: GPU1_KEY }
      - { url: 'http://gpu2:8000/v1', keyFile: gpu2.key }
`;

test('config check lists what would be served, without the keys, and exits with 0', async () => {
  await using home = await openHomeWith({
    'headway.config.yaml': sound + pool.replace('models:\n', ''),
    'gpu2.key': secret,
  });
  const env = { ...home.env, GPU1_KEY: secret };
  const { code, stdout, stderr } = await runHeadway(['config', 'check'], { env, cwd: home.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [head, tale, gpu1, gpu2, ok] = stdout.split('\n');
  expect(head).toMatch(/^MODEL\s+ALIASES\s+WHERE\s+CONTEXT\s+KEY$/);
  expect(tale).toMatch(/^tale\s+gpt-4o\s+\/.*\.gguf\s+-\s+-$/);
  expect(gpu1).toMatch(/^big\s+-\s+http:\/\/gpu1:8000\s+32,768\s+variable GPU1_KEY$/);
  expect(gpu2).toMatch(/^big\s+-\s+http:\/\/gpu2:8000\s+32,768\s+file \/.*gpu2\.key$/);
  expect(ok).toBe('ok: headway.config.yaml');
  expect(stdout).not.toContain(secret);

  const json = await runHeadway(['config', 'check', '--json'], { env, cwd: home.path });
  expect(json.stdout).not.toContain(secret);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: true,
    problems: [],
    warnings: [],
    models: [{ model: 'tale' }, {}, {}],
  });
});

test('config check prints each problem with its line and exits with 2, and serve refuses the same file', async () => {
  await using home = await openHomeWith({
    'headway.config.json': `{\n\t"prot": 4477,\n\t"models": [\n\t\t{ "id": "a", "upstreams": [{ "url": "http://me:${secret}@gpu1", "key": "${secret}" }] }\n\t]\n}\n`,
  });
  const lines = [
    'headway.config.json:2:2 prot: unknown field; did you mean port?',
    'headway.config.json:4:39 models[0].upstreams[0].url: must not hold a user or a password, which logs and errors would show; give the key by keyEnv or keyFile',
    expect.stringMatching(
      /^headway\.config\.json:4:\d+ models\[0\]\.upstreams\[0\]\.key: a key does not belong in this file/,
    ),
  ];
  const check = await runHeadway(['config', 'check'], { env: home.env, cwd: home.path });
  expect(check).toMatchObject({ code: 2, stdout: '' });
  expect(check.stderr.trimEnd().split('\n')).toEqual(lines);
  const serve = await runHeadway(['serve'], { env: home.env, cwd: home.path });
  expect(serve).toMatchObject({ code: 2, stdout: '' });
  const last =
    'headway: headway.config.json cannot be served (problems: 3); mend it, or start without it by --no-config';
  expect(serve.stderr.trimEnd().split('\n')).toEqual([...lines, last]);
  expect(check.stderr + serve.stderr).not.toContain(secret);
});

test.each<[string[], RegExp]>([
  [['serve', '--upstream', `http://me:${secret}@gpu1/v1`], /--upstream must not hold a user or a password/],
  [['serve', '--upstream', 'http://gpu1', '--upstream-key-file', secret], /--upstream-key-file: there is no such file/],
  [['serve', '--config', 'pool.yaml'], /pool\.yaml:5:74 models\[0\]\.upstreams\[0\]\.keyEnv: this variable is not set/],
])('%j is wrong usage, and no key is printed', async (args, says) => {
  await using home = await openHomeWith({ 'pool.yaml': pool });
  const { code, stdout, stderr } = await runHeadway(args, { env: home.env, cwd: home.path });
  expect(stderr).toMatch(says);
  expect(code).toBe(2);
  expect(stdout + stderr).not.toContain(secret);
});

test('config check warns of a variable that is not set here, and exits with 0', async () => {
  await using home = await openHomeWith({ 'pool.yaml': pool, 'gpu2.key': secret });
  const { code, stdout, stderr } = await runHeadway(['config', 'check', 'pool.yaml'], {
    env: home.env,
    cwd: home.path,
  });
  expect(stderr).toMatch(/^pool\.yaml:5:\d+ models\[0\]\.upstreams\[0\]\.keyEnv: warning: this variable is not set/);
  expect(stdout).toMatch(/a variable that is not set\n/);
  expect(code).toBe(0);
});

test('serve takes the file of its folder, and a flag wins over it', async () => {
  await using home = await openHomeWith({
    'headway.config.ts': `export default { port: 1, ctx: 512, grace: 7, models: [{ id: 'tale', aliases: ['gpt-4o'], file: ${JSON.stringify(storytellerPath)}, parallel: 2 }] } as const;`,
  });
  const { child, ended } = startHeadway(['serve', '--port', '0'], { env: home.env, cwd: home.path });
  const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: url } = (await printed.next()) as { value: string };
  const { value: model } = (await printed.next()) as { value: string };
  expect(model).toMatch(/^tale: 5\.3 MB, context 512, 2 slots/);
  const answer = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o', prompt: 'Once', max_tokens: 2 }),
  });
  expect(answer.status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, stderr: 'Config file: headway.config.ts\n' });
});

test('config schema prints the JSON schema of the file', async () => {
  await using home = await openHome();
  const { code, stdout } = await runHeadway(['config', 'schema'], { env: home.env, cwd: home.path });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { models: { type: 'array' } } });
});
