import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { takeLock } from './build-lock.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'headway-lock-'))));
afterEach(() => rm(folder, { recursive: true }));

it('keeps a second build out until the first one ends', async () => {
  const lock = await takeLock(join(folder, 'lock'));
  await expect(takeLock(join(folder, 'lock'))).rejects.toThrow(`another headway build runs (process ${process.pid})`);
  await lock[Symbol.asyncDispose]();
  const again = await takeLock(join(folder, 'lock'));
  await again[Symbol.asyncDispose]();
  expect(await readdir(folder)).toEqual([]);
});

it('takes over the lock of a process that has ended', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid, host: hostname() }));
  const lock = await takeLock(join(folder, 'lock'));
  expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  await lock[Symbol.asyncDispose]();
});

it('respects the lock of another machine that shares the folder', async () => {
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
  await expect(takeLock(join(folder, 'lock'))).rejects.toThrow('process 1 on elsewhere');
});
