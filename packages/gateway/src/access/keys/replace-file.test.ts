import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { replaceFile } from './replace-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headway-replace-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('replaceFile creates a file, replaces it, and keeps its mode', async () => {
  const path = join(folder, 'a.txt');
  await replaceFile(path, 'one');
  await chmod(path, 0o606);
  await replaceFile(path, 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await stat(path)).mode & 0o777).toBe(0o606);
  await replaceFile(path, 'three', { mode: 0o644 });
  expect((await stat(path)).mode & 0o777).toBe(0o644);
  expect(await readdir(folder)).toEqual(['a.txt']);
});

test('replaceFile keeps a symbolic link and replaces its target', async () => {
  const path = join(folder, 'a.txt');
  await writeFile(path, 'one');
  await symlink('a.txt', join(folder, 'link'));
  await replaceFile(join(folder, 'link'), 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await readdir(folder)).toSorted()).toEqual(['a.txt', 'link']);
});

test('replaceFile leaves no temporary file when it cannot write', async () => {
  await expect(replaceFile(join(folder, 'none', 'a.txt'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(replaceFile(folder, 'x')).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await readdir(folder)).toEqual([]);
});

test('replaceFile leaves the old file unchanged when writing fails half-way', async () => {
  const path = join(folder, 'a.txt');
  await writeFile(path, 'one');
  // Like a disk that is full after the first bytes.
  async function* filling() {
    yield 'tw';
    throw new Error('full');
  }
  await expect(replaceFile(path, filling() as unknown as string)).rejects.toThrow('full');
  expect(await readFile(path, 'utf8')).toBe('one');
  expect(await readdir(folder)).toEqual(['a.txt']);
});
