import { access } from 'node:fs/promises';

import { HeadwayError } from '@headway/protocol';

import { createApiKey, digestOf, isKeyName, ownerOf, readKeyFile, writeKeyFile } from '@headway/gateway/keys';

/** Makes a key, adds its hash to a file and returns it. The file does not hold the key itself. */
export async function addKey(file: string, name: string): Promise<string> {
  if (!isKeyName(name)) throw new HeadwayError('invalid-request', `name: use 1 to 64 letters, digits, "_", "." or "-"`);
  const entries = (await exists(file)) ? await readKeyFile(file) : [];
  if (entries.some((entry) => entry.name === name)) {
    throw new HeadwayError('conflict', `${name} has a key in ${file} already; choose another name, or remove it first`);
  }
  const key = createApiKey();
  await writeKeyFile(file, [...entries, { name, digest: digestOf(key) }]);
  return key;
}

export async function listKeys(file: string): Promise<{ name: string; owner: string }[]> {
  return (await readKeyFile(file)).map(({ name, digest }) => ({ name, owner: ownerOf(digest) }));
}

export async function removeKey(file: string, name: string): Promise<void> {
  const entries = await readKeyFile(file);
  const others = entries.filter((entry) => entry.name !== name);
  if (others.length < entries.length) return writeKeyFile(file, others);
  const names = entries.map((entry) => entry.name).join(', ');
  throw new HeadwayError('invalid-request', `${file} has no key named ${name}; it has: ${names || 'none'}`);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
