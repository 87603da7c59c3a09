import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { startGuarded } from './guarded-gateway.ts';
import { headwayMain, openTerminal } from './open-terminal.ts';
import { openHome, startHeadway } from './run-headway.ts';

/** No file may grow beyond so many blocks of 512 bytes, like on a full disk. */
const limitedTo = (blocks: number) => `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`;

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
  const args = ['-c', limitedTo(0), process.execPath, headwayMain, 'keys', 'add', 'keys.txt', 'laptop'];
  const child = spawn('sh', args, { env: home.env, cwd: home.path });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  expect(stderr).toMatch(/^headway: key file keys\.txt: it cannot be written \(EFBIG\); the file is unchanged\n$/);
  expect(code).toBe(1);
  expect(await readdir(home.path)).toEqual([]);
});

test('headway chat on a full disk says so, and the conversation that it goes on with stays as it was', async () => {
  await using home = await openHome();
  await using guarded = await startGuarded();
  const folder = join(home.path, 'headway', 'chats');
  await mkdir(folder, { recursive: true });
  const time = '2026-11-30T07:05:00.000Z';
  const messages = [
    { role: 'user', content: 'Why?' },
    { role: 'assistant', content: 'Because.' },
  ];
  const facts = { version: 1, id: 'a', startedAt: time, savedAt: time, model: null, url: null, system: null };
  const saved = JSON.stringify({ ...facts, messages });
  await writeFile(join(folder, 'a.json'), saved);
  const gateway = ['--url', guarded.url, '--api-key', guarded.mine];
  const args = ['-c', limitedTo(8), process.execPath, headwayMain, 'chat', '--continue', ...gateway];
  const child = spawn('sh', args, { env: { ...home.env, XDG_DATA_HOME: home.path }, cwd: home.path });
  let stderr = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(`${'word '.repeat(4000)}\n`);
  await once(child, 'close');
  expect(stderr).toMatch(/the conversation is not saved \(EFBIG/);
  expect(await readdir(folder)).toEqual(['a.json']);
  expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe(saved);
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
