import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { isVariableName, readUpstreamKey } from './upstream-key.ts';

const says = (pattern: RegExp) => expect.stringMatching(pattern) as string;

async function keyFile(content: string | Buffer, mode = 0o600) {
  const folder = await mkdtemp(join(tmpdir(), 'headway-upstream-key-'));
  const path = join(folder, 'gpu1.key');
  await writeFile(path, content);
  await chmod(path, mode);
  return { path, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test('a key comes from a variable, without spaces around it', async () => {
  expect(await readUpstreamKey({ keyEnv: 'GPU1' }, { GPU1: ' sk-secret\n' })).toEqual({ key: 'sk-secret' });
  expect(await readUpstreamKey({}, {})).toBeNull();
});

test.each(['sk-secret\n', '  sk-secret  \r\nsecond line', '\ufeffsk-secret'])(
  'a key is the first line of its file: %j',
  async (content) => {
    await using file = await keyFile(content);
    expect(await readUpstreamKey({ keyFile: file.path }, {})).toEqual({ key: 'sk-secret' });
  },
);

test('a key file that other users may read gets a warning with the remedy', async () => {
  for (const mode of [0o640, 0o604, 0o644]) {
    await using file = await keyFile('sk-secret', mode);
    const found = await readUpstreamKey({ keyFile: file.path }, {});
    expect(found).toMatchObject({ key: 'sk-secret', warning: says(/chmod 600/) });
  }
});

test.each([
  ['a missing variable', { keyEnv: 'secret' }, {}, /not set/],
  ['an empty variable', { keyEnv: 'A' }, { A: ' ' }, /not set/],
  ['two words in a variable', { keyEnv: 'A' }, { A: 'secret secret' }, /header cannot carry/],
  ['a line break in a variable', { keyEnv: 'A' }, { A: 'secret\r\nX-Evil: secret' }, /header cannot carry/],
  ['a letter outside ASCII in a variable', { keyEnv: 'A' }, { A: 'secrét secret' }, /header cannot carry/],
  ['a missing file', { keyFile: '/nowhere/secret' }, {}, /no such file/],
])('readUpstreamKey refuses %s, and repeats neither name nor value', async (_what, source, env, why) => {
  const found = await readUpstreamKey(source, env);
  expect(found).toMatchObject({ fault: says(why) });
  expect(JSON.stringify(found)).not.toContain('secret');
});

test('readUpstreamKey refuses files that hold no key', async () => {
  await using file = await keyFile('\nsk-secret');
  expect(await readUpstreamKey({ keyFile: file.path }, {})).toMatchObject({ fault: says(/first line .* empty/) });
  await writeFile(file.path, Buffer.from([0xff, 0xfe, 0x73, 0x00]));
  expect(await readUpstreamKey({ keyFile: file.path }, {})).toMatchObject({ fault: says(/is not a key/) });
  await writeFile(file.path, 'x'.repeat(100_000));
  expect(await readUpstreamKey({ keyFile: file.path }, {})).toMatchObject({ fault: says(/too large/) });
  await mkdir(join(file.folder, 'folder'));
  expect(await readUpstreamKey({ keyFile: join(file.folder, 'folder') }, {})).toMatchObject({ fault: says(/folder/) });
});

test('the name of a variable has letters, digits and _, and does not begin with a digit', () => {
  expect(['GPU1_KEY', '_a', 'x'].map(isVariableName)).toEqual([true, true, true]);
  expect(['', '1A', 'sk-1', 'A B', 'A=B', 'é'].map(isVariableName)).toEqual(Array(6).fill(false));
});
