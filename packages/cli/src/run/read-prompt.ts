import { fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

import { HeadwayError } from '@headway/protocol';

import { notUtf8 } from '../terminal/utf8-text.ts';

export interface PromptSources {
  /** Paths; `-` is stdin. */
  files: readonly string[];
  /** The prompt on the command line. */
  words: string | undefined;
}

/**
 * Joins the files, stdin and the words of the command line to one prompt, in this order, with an empty line between two.
 *
 * @throws HeadwayError `invalid-request` without a prompt; an Error that names a source it cannot read
 */
export async function readPrompt({ files, words }: PromptSources): Promise<string> {
  const parts: string[] = [];
  for (const file of files) parts.push(file === '-' ? await readStdin() : await readTextFile(file));
  const nothingYet = parts.length === 0 && words === undefined;
  if (!files.includes('-') && stdinIsMeant(nothingYet)) parts.push(await readStdin());
  if (words !== undefined) parts.push(words);
  const prompt = parts.filter((part) => part.trim() !== '').join('\n\n');
  if (prompt !== '') return prompt;
  throw new HeadwayError('invalid-request', 'there is no prompt; give one in quotes, with --file, or on stdin');
}

/**
 * Whether stdin is part of the prompt. A pipe or a file is. A socket often is one that another program left open: it counts
 * only if there is no other source.
 */
function stdinIsMeant(nothingElse: boolean): boolean {
  if (process.stdin.isTTY) return false;
  try {
    // Without `bigint` Node 20 keeps the mode of the last file in an array that its module loader reads by mistake: after
    // a pipe it resolves no links, and an import of a package that pnpm has linked fails.
    const stdin = fstatSync(0, { bigint: true });
    return stdin.isFIFO() || stdin.isFile() || nothingElse;
  } catch {
    return false;
  }
}

function readTextFile(path: string): Promise<string> {
  return readText(path, () => readFile(path));
}

function readStdin(): Promise<string> {
  return readText('standard input', () => buffer(process.stdin));
}

async function readText(name: string, read: () => Promise<Buffer>): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await read());
  } catch (thrown) {
    throw new Error(`${name} ${whyUnreadable(thrown)}`, { cause: thrown });
  }
}

function whyUnreadable(thrown: unknown): string {
  if (thrown instanceof TypeError) return notUtf8;
  switch (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined) {
    case 'ENOENT':
      return 'does not exist; check the path';
    case 'EISDIR':
      return 'is a folder; give the files in it';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read; change its permissions';
    default:
      return `cannot be read (${thrown instanceof Error ? thrown.message : String(thrown)})`;
  }
}
