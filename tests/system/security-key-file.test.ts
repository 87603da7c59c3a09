import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { expect, test } from 'vitest';

import { openHome, runHeadway, startHeadway } from './run-headway.ts';
import { ask, bearer, Wire } from './wire.ts';

async function keys(home: Awaited<ReturnType<typeof openHome>>, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runHeadway(['keys', ...args], { env: home.env, cwd: home.path });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

test('headway keys add prints a new key once, and stores its digest only', async () => {
  await using home = await openHome();
  const key = await keys(home, 'add', 'keys.txt', 'laptop');
  expect(key).toMatch(/^headway_[\w-]{43}$/);
  const other = await keys(home, 'add', 'keys.txt', 'ci');
  expect(other).not.toBe(key);

  const file = join(home.path, 'keys.txt');
  const text = await readFile(file, 'utf8');
  expect(text).not.toContain(key.slice('headway_'.length));
  expect(text).toMatch(/^laptop sha256:[0-9a-f]{64}\nci sha256:[0-9a-f]{64}\n$/m);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await keys(home, 'list', 'keys.txt')).toMatch(/laptop +[0-9a-f]{16}\n *ci +[0-9a-f]{16}/);

  await keys(home, 'remove', 'keys.txt', 'laptop');
  expect(await keys(home, 'list', 'keys.txt')).not.toContain('laptop');
  for (const [args, why] of [
    [['add', 'keys.txt', 'ci'], /ci has a key in keys\.txt already/],
    [['add', 'keys.txt', 'a b'], /^headway: name: use 1 to 64/],
    [['remove', 'keys.txt', 'laptop'], /no key named laptop; it has: ci/],
    [['list', 'none.txt'], /key file none.txt: the file does not exist/],
  ] as const) {
    const { code, stderr } = await runHeadway(['keys', ...args], { env: home.env, cwd: home.path });
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(why);
  }
});

test('a running gateway accepts added keys and refuses removed ones', async () => {
  await using home = await openHome();
  const apiKeyFile = join(home.path, 'keys.txt');
  const first = await keys(home, 'add', apiKeyFile, 'first');
  const clock = createVirtualClock({ auto: true });
  await using engine = await createEngine({ backend: scripted({ clock }), clock });
  await using gateway = await startGateway({ engine, port: 0, apiKeyFile });
  const status = async (key: string) => (await ask(`${gateway.url}/v1/models`, { headers: bearer(key) })).status;
  expect(await status(first)).toBe(200);
  await using wire = await Wire.open(gateway.url, { headers: bearer(first) });
  expect(await wire.refusal(wire.call('query', 'models'))).toBeNull();

  const second = await keys(home, 'add', apiKeyFile, 'second');
  await expect.poll(() => status(second), { timeout: 10_000 }).toBe(200);
  expect(await status(first)).toBe(200);

  // An invalid file changes nothing: the gateway keeps the old keys.
  await chmod(apiKeyFile, 0o666);
  await keys(home, 'remove', apiKeyFile, 'first').catch(() => undefined);
  expect(await status(first)).toBe(200);
  await chmod(apiKeyFile, 0o600);

  await keys(home, 'remove', apiKeyFile, 'first');
  await expect.poll(() => status(first), { timeout: 10_000 }).toBe(401);
  expect(await wire.refusal(wire.call('query', 'models'))).toBe('unauthorized');
  expect(await status(second)).toBe(200);
});

test('the commands read the key from the environment, and report a missing one', async () => {
  await using home = await openHome();
  const apiKeyFile = join(home.path, 'keys.txt');
  const key = await keys(home, 'add', apiKeyFile, 'me');
  const clock = createVirtualClock({ auto: true });
  await using engine = await createEngine({ backend: scripted({ clock, script: { reply: 'let in' } }), clock });
  await using gateway = await startGateway({ engine, port: 0, apiKeyFile });
  const run = (env: NodeJS.ProcessEnv) =>
    runHeadway(['run', '--url', gateway.url, 'hello'], { env: { ...home.env, ...env }, cwd: home.path });
  expect(await run({ HEADWAY_API_KEY: key })).toMatchObject({ code: 0, stdout: expect.stringContaining('let in') });
  const refused = await run({});
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/needs an API key/);
});

test('headway serve reads keys from the environment, and never prints one', async () => {
  await using home = await openHome();
  const key = await keys(home, 'add', 'unused.txt', 'me');
  const weak = await runHeadway(['serve', '--port', '0', '--host', '0.0.0.0'], {
    env: { ...home.env, HEADWAY_API_KEY: 'hunter2hunter2' },
  });
  expect(weak.code).toBe(1);
  expect(weak.stderr).toMatch(/API key has 14 characters, which can be guessed; .*headway keys add/);
  expect(weak.stderr).not.toContain('hunter2');

  const { child, ended } = startHeadway(['serve', '--port', '0', '--log-level', 'debug'], {
    env: { ...home.env, HEADWAY_API_KEY: key },
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith('curl')) break;
  }
  const [url = ''] = lines;
  expect((await ask(`${url}/v1/models`)).status).toBe(401);
  expect((await ask(`${url}/v1/models`, { headers: bearer(key) })).status).toBe(200);
  expect(lines.at(-1)).toContain('-H "Authorization: Bearer $HEADWAY_API_KEY"');
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain(key);
});
