import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { createApiKey, digestOf } from './api-key.ts';
import { parseKeyFile, readKeyFile, writeKeyFile } from './key-file.ts';

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), 'headway-keys-'));
  return { file: join(path, 'keys.txt'), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const line = (name: string, key: string) => `${name} sha256:${digestOf(key).toString('hex')}`;

test('writeKeyFile writes digests, not keys, with mode 0600, and readKeyFile reads them back', async () => {
  await using folder = await openFolder();
  const key = createApiKey();
  const entries = [
    { name: 'laptop', digest: digestOf(key) },
    { name: 'ci-2', digest: digestOf(createApiKey()) },
  ];
  await writeKeyFile(folder.file, entries);
  expect(await readKeyFile(folder.file)).toEqual(entries);
  expect(await readFile(folder.file, 'utf8')).not.toContain(key);
  expect((await stat(folder.file)).mode & 0o777).toBe(0o600);
});

test('parseKeyFile ignores comments, empty lines and spaces', () => {
  const text = `# mine\n\n  ${line('laptop', 'a')}  \r\n   # ${line('old', 'b')}\n`;
  expect(parseKeyFile(text, 'f')).toEqual([{ name: 'laptop', digest: digestOf('a') }]);
});

test.each([
  ['a key in the clear', 'laptop headway_abcdef', /line 1 is not "name sha256:<64 digits>"/],
  ['half a digest', 'laptop sha256:abc', /line 1/],
  ['no name', `sha256:${'a'.repeat(64)}`, /line 1/],
  ['a slash in a name', line('lap/top', 'a'), /line 1/],
  ['a duplicate name', `${line('a', 'a')}\n${line('a', 'b')}`, /line 2: the name a occurs twice/],
  ['a duplicate key', `${line('a', 'a')}\n${line('b', 'a')}`, /line 2: the key of b occurs twice/],
])('parseKeyFile refuses %s, naming the line number but not its text', (_what, text, why) => {
  expect(() => parseKeyFile(text, 'f')).toThrow(why);
  expect(() => parseKeyFile(text, 'f')).not.toThrow('headway_abcdef');
});

test('readKeyFile refuses a missing file, and one that other users may write, and names the remedy', async () => {
  await using folder = await openFolder();
  await expect(readKeyFile(folder.file)).rejects.toThrow(/the file does not exist; create it with headway keys add/);
  await writeFile(folder.file, line('laptop', 'a'));
  for (const mode of [0o620, 0o602, 0o666]) {
    await chmod(folder.file, mode);
    await expect(readKeyFile(folder.file)).rejects.toThrow(/other users may write it.*chmod 600/);
  }
  await chmod(folder.file, 0o644);
  expect(await readKeyFile(folder.file)).toHaveLength(1);
});
