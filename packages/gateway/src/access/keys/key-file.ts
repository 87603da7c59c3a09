import { unwatchFile, watchFile } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import { HeadwayError } from '@headway/protocol';

import { replaceFile } from './replace-file.ts';

/** One key of a key file. The file knows its digest only. */
export interface KeyEntry {
  /** By what its holder is known: 1 to 64 of `A-Z a-z 0-9 _ . -`. */
  name: string;
  /** SHA-256 of the key. */
  digest: Buffer;
}

export function isKeyName(name: string): boolean {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(name);
}

const head = `# Keys of a Headway gateway: on each line a name and the SHA-256 of a key. headway keys writes it.\n`;

/**
 * Reads a key file.
 *
 * @throws HeadwayError `invalid-request` for a file that is not there, has a wrong line, or may be written by others
 */
export async function readKeyFile(path: string): Promise<KeyEntry[]> {
  let text: string;
  try {
    await refuseOthersWriting(path);
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    if (code === 'ENOENT') throw refused(path, 'there is no such file; headway keys add makes one', thrown);
    if (/^E[A-Z]+$/.test(code)) throw refused(path, `it cannot be read (${code})`, thrown);
    throw thrown;
  }
  return parseKeyFile(text, path);
}

/** @throws HeadwayError `invalid-request` for a line that is no entry, or names and keys that come twice */
export function parseKeyFile(text: string, path: string): KeyEntry[] {
  const entries: KeyEntry[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name = '', hex] = /^\s*(\S+)\s+sha256:([0-9a-f]{64})\s*$/i.exec(line) ?? [];
    // Whatever else stands there may be a key, so the message does not repeat it.
    if (!isKeyName(name) || hex === undefined) throw refused(path, `line ${at + 1} is not "name sha256:<64 digits>"`);
    const digest = Buffer.from(hex, 'hex');
    if (entries.some((entry) => entry.name === name)) throw refused(path, `line ${at + 1}: ${name} is there twice`);
    if (entries.some((entry) => entry.digest.equals(digest)))
      throw refused(path, `line ${at + 1}: the key of ${name} is there twice`);
    entries.push({ name, digest });
  }
  return entries;
}

/** Writes it whole or not at all, for nobody but its owner. @throws Error naming the file, of which nothing is left then */
export async function writeKeyFile(path: string, entries: readonly KeyEntry[]): Promise<void> {
  const lines = entries.map(({ name, digest }) => `${name} sha256:${digest.toString('hex')}\n`);
  try {
    await replaceFile(path, head + lines.join(''), { mode: 0o600 });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Error(`key file ${path}: it cannot be written (${code}); nothing was changed`, { cause });
  }
}

/** Looks each second whether the file has changed, also by being replaced; `stop` ends that. */
export function watchKeyFile(path: string, onChange: () => void): { stop: () => void } {
  watchFile(path, { interval: 1000, persistent: false }, onChange);
  return { stop: () => unwatchFile(path, onChange) };
}

/** Reading digests of random keys helps nobody; whoever can write them can let himself in. Windows has no such bits. */
async function refuseOthersWriting(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o022) === 0) return;
  throw refused(path, `others may write it, and so let themselves in; chmod 600 ${path}`);
}

function refused(path: string, why: string, cause?: unknown): HeadwayError {
  return new HeadwayError('invalid-request', `key file ${path}: ${why}`, { cause });
}
