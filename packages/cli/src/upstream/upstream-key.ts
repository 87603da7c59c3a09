import { readFile, stat } from 'node:fs/promises';

/** Where the key for an upstream is; at most one of the two. */
export interface KeySource {
  /** Name of the environment variable that holds it. */
  keyEnv?: string;
  /** Path of the file whose first line it is. */
  keyFile?: string;
}

/** The most bytes of a key file. */
const mostBytes = 64 * 1024;

/** A key, or what is wrong with its source. No text of `fault` or `warning` repeats what the field or the file holds. */
export type FoundKey =
  | { key: string; warning?: string }
  /** `field` is the wrong one; `unset` if its variable has no value. */
  | { field: keyof KeySource; fault: string; unset?: true };

/** Reads an upstream's key; null for one that has none. */
export async function readUpstreamKey(
  { keyEnv, keyFile }: KeySource,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundKey | null> {
  if (keyEnv !== undefined) return keyInVariable(env[keyEnv]);
  return keyFile === undefined ? null : keyInFile(keyFile);
}

export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text);
}

function keyInVariable(value: string | undefined): FoundKey {
  const key = value?.trim() ?? '';
  // The name is not repeated: where the variable does not exist, it may be the key itself.
  if (key === '')
    return { field: 'keyEnv', unset: true, fault: 'this variable is not set; set it to the key before headway starts' };
  return isHeaderValue(key)
    ? { key }
    : { field: 'keyEnv', fault: 'its value has characters that a header cannot carry; set it to the key alone' };
}

async function keyInFile(path: string): Promise<FoundKey> {
  const wrong = (fault: string): FoundKey => ({ field: 'keyFile', fault });
  try {
    const { mode, size } = await stat(path);
    if (size > mostBytes) return wrong('the file is too large for a key; write the key alone on its first line');
    const [first = ''] = (await readFile(path, 'utf8')).split(/\r?\n/, 1);
    const key = first.replace(/^\ufeff/, '').trim();
    if (key === '') return wrong('the first line of the file is empty; write the key there');
    if (!isHeaderValue(key))
      return wrong(
        'the first line of the file is not a key: a header cannot carry its characters; write the key alone',
      );
    const open = process.platform !== 'win32' && (mode & 0o077) !== 0;
    return open ? { key, warning: 'other users may read the file; run chmod 600 on it' } : { key };
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    // The path is not repeated: where the file does not exist, it may be the key itself.
    if (code === 'ENOENT') return wrong('there is no such file; write the key into one, and give its path');
    if (code === 'EISDIR') return wrong('this is a folder; give the path of a file');
    return wrong(`the file cannot be read${/^E[A-Z]+$/.test(code) ? ` (${code})` : ''}; check its path and its owner`);
  }
}

function isHeaderValue(key: string): boolean {
  return /^[\x21-\x7e]+$/.test(key);
}
