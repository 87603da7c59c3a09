import { unwatchFile, watchFile } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import { HeadwayError } from '@headway/protocol';

import { replaceFile } from './replace-file.ts';

/** One key of a key file. The file holds the digest of the key, not the key. */
export interface KeyEntry {
  /** Name of the key's holder: 1 to 64 characters of `A-Z a-z 0-9 _ . -`. */
  name: string;
  /** SHA-256 of the key. */
  digest: Buffer;
}

export function isKeyName(name: string): boolean {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(name);
}

const head = `# Keys of a Headway gateway: on each line a name and the SHA-256 of a key. headway keys writes this file.\n`;

/**
 * Reads a key file.
 *
 * @throws HeadwayError `invalid-request` for a file that is missing, has an invalid line, or that other users may write
 */
export async function readKeyFile(path: string): Promise<KeyEntry[]> {
  let text: string;
  try {
    await refuseOthersWriting(path);
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (code === 'ENOENT') throw refused(path, 'the file does not exist; create it with headway keys add', thrown);
    if (/^E[A-Z]+$/.test(code)) throw refused(path, `the gateway cannot read it (${code})`, thrown);
    throw thrown;
  }
  return parseKeyFile(text, path);
}

/** @throws HeadwayError `invalid-request` for an invalid line, and for a duplicate name or key */
export function parseKeyFile(text: string, path: string): KeyEntry[] {
  const entries: KeyEntry[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name = '', hex] = /^\s*(\S+)\s+sha256:([0-9a-f]{64})\s*$/i.exec(line) ?? [];
    // An invalid line may hold a key in the clear, so the message does not repeat it.
    if (!isKeyName(name) || hex === undefined) throw refused(path, `line ${at + 1} is not "name sha256:<64 digits>"`);
    const digest = Buffer.from(hex, 'hex');
    if (entries.some((entry) => entry.name === name))
      throw refused(path, `line ${at + 1}: the name ${name} occurs twice; rename one`);
    if (entries.some((entry) => entry.digest.equals(digest)))
      throw refused(path, `line ${at + 1}: the key of ${name} occurs twice; remove one`);
    entries.push({ name, digest });
  }
  return entries;
}

/**
 * Writes the key file whole or not at all, with mode 0600.
 *
 * @throws Error that names the file, which then is as it was before
 */
export async function writeKeyFile(path: string, entries: readonly KeyEntry[]): Promise<void> {
  const lines = entries.map(({ name, digest }) => `${name} sha256:${digest.toString('hex')}\n`);
  try {
    await replaceFile(path, head + lines.join(''), { mode: 0o600 });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Error(`key file ${path}: it cannot be written (${code}); the file is unchanged`, { cause });
  }
}

/** Calls `onChange` when the file changes or is replaced, until `stop`. It polls each second. */
export function watchKeyFile(path: string, onChange: () => void): { stop: () => void } {
  watchFile(path, { interval: 1000, persistent: false }, onChange);
  return { stop: () => unwatchFile(path, onChange) };
}

/**
 * Refuses a file that other users may write, because they could add a key of their own. Reading it gives them nothing:
 * the digest of a random key is useless. Windows has no such mode bits.
 */
async function refuseOthersWriting(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o022) === 0) return;
  throw refused(path, `other users may write it, and so could add keys; run chmod 600 ${path}`);
}

function refused(path: string, why: string, cause?: unknown): HeadwayError {
  return new HeadwayError('invalid-request', `key file ${path}: ${why}`, { cause });
}
