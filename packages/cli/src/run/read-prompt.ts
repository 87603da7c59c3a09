import { fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

import { basename } from 'node:path';

import { HeadwayError, type Span } from '@headway/protocol';

import { notUtf8 } from '../terminal/utf8-text.ts';

export interface PromptSources {
  /** Paths; `-` is stdin. */
  files: readonly string[];
  /** The prompt on the command line. */
  words: string | undefined;
}

/** A prompt, and where its sources are in it. */
export interface ReadPrompt {
  text: string;
  /** One for each source but the words of the command line, where there are several. */
  spans: Span[];
}

interface Part {
  /** Null for the words of the command line. */
  name: string | null;
  text: string;
}

/**
 * Joins the files, stdin and the words of the command line to one prompt, in this order, with an empty line between two.
 *
 * @throws HeadwayError `invalid-request` without a prompt; an Error that names a source it cannot read
 */
export async function readPrompt({ files, words }: PromptSources): Promise<ReadPrompt> {
  const parts: Part[] = [];
  const addStdin = async () => parts.push({ name: 'standard input', text: await readStdin() });
  for (const file of files) {
    if (file === '-') await addStdin();
    else parts.push({ name: basename(file), text: await readTextFile(file) });
  }
  const nothingYet = parts.length === 0 && words === undefined;
  if (!files.includes('-') && stdinIsMeant(nothingYet)) await addStdin();
  if (words !== undefined) parts.push({ name: null, text: words });
  const prompt = joinParts(parts.filter(({ text }) => text.trim() !== ''));
  if (prompt.text !== '') return prompt;
  throw new HeadwayError('invalid-request', 'there is no prompt; give one in quotes, with --file, or on stdin');
}

/** Joins the parts, with an empty line between two. */
export function joinParts(parts: readonly Part[]): ReadPrompt {
  let text = '';
  const spans: Span[] = [];
  for (const [at, { name, text: part }] of parts.entries()) {
    const start = at === 0 ? 0 : text.length + 2;
    text += at === 0 ? part : `\n\n${part}`;
    if (name !== null) spans.push({ name: name.slice(0, longestName), start, end: text.length });
  }
  return { text, spans: spans.length > 1 ? spans.slice(0, mostSpans) : [] };
}

/** The protocol's limits. */
const longestName = 256;
const mostSpans = 256;

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
