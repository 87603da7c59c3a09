import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { startGuarded } from './guarded-gateway.ts';
import { headwayMain, openTerminal } from './open-terminal.ts';
import { openHome, startHeadway } from './run-headway.ts';

/** Runs a command whose output goes to a full disk. */
async function onFullDisk(args: readonly string[], input = '') {
  await using home = await openHome();
  const child = spawn(process.execPath, [headwayMain, ...args], {
    env: home.env,
    cwd: home.path,
    stdio: ['pipe', openSync('/dev/full', 'w'), 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin?.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, stderr };
}

test
  .skipIf(!existsSync('/dev/full'))
  .each([
    [['models']],
    [['models', '--json']],
    [['completion', 'bash']],
    [['--help']],
    [['keys', 'add', 'keys.txt', 'laptop']],
    [['run', 'Hi', '--max-tokens', '3']],
    [['run', '--json', 'Hi', '--max-tokens', '3']],
    [['chat', '--max-tokens', '3']],
    [['serve', '--port', '0']],
  ])('headway %j on a full disk exits with 1 and one sentence', async ([...args]) => {
  const { code, stderr } = await onFullDisk(args, 'Hi\n');
  expect(stderr).toMatch(/^headway: the output cannot be written \(ENOSPC\)\n$/);
  expect(code).toBe(1);
});

test.each([
  [['models']],
  [['run', '--help']],
  [['completion', 'zsh']],
  [['keys', 'add', 'keys.txt', 'laptop']],
  [['run', 'Hi', '--max-tokens', '3']],
  [['chat', '--max-tokens', '3']],
  [['bench', '--sizes', '32', '--write', '2', '--repeat', '1']],
  [['doctor']],
])('headway %j exits silently when the reader of its pipe closes', async ([...args]) => {
  await using home = await openHome();
  const { child, ended } = startHeadway(args, { ...home, cwd: home.path, stdin: 'Hi\n' });
  child.stdout.destroy();
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});

test('headway keys add on a full disk fails with one sentence and leaves no file', async () => {
  await using home = await openHome();
  // No file may grow, like on a full disk.
  const limited = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`;
  const args = ['-c', limited, process.execPath, headwayMain, 'keys', 'add', 'keys.txt', 'laptop'];
  const child = spawn('sh', args, { env: home.env, cwd: home.path });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  expect(stderr).toMatch(/^headway: key file keys\.txt: it cannot be written \(EFBIG\); the file is unchanged\n$/);
  expect(code).toBe(1);
  expect(await readdir(home.path)).toEqual([]);
});

test('headway draws no progress bar on a dumb terminal', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  const args = ['run', '--url', guarded.url, '--api-key', guarded.mine, 'Hello'];
  await using terminal = openTerminal({ args, env: { ...home.env, TERM: 'dumb' }, cwd: home.path });
  await terminal.exitCode;
  expect(terminal.raw()).toMatch(/^one two three\r\nRead /);
  expect(terminal.raw()).not.toContain('\u001b');
});
