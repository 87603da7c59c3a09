import { list } from '../words/list.ts';
import { bytes } from '../words/quantities.ts';
import type { TextDocument } from './text-document.ts';

/** The most documents of one message. The gateway takes 256 named ranges of a request. */
export const maxDocuments = 200;

/**
 * Adds documents to those of a message. A text that is there already is left out, as is what a message has no room for, and
 * a name that is taken gets a number; `told` has a sentence about each, for the user.
 */
export function addDocuments(
  before: readonly TextDocument[],
  added: readonly TextDocument[],
  maxBytes: number,
): { documents: TextDocument[]; told: string[] } {
  const documents = [...before];
  const told: string[] = [];
  const beyond: string[] = [];
  const tooLong: string[] = [];
  let size = before.reduce((sum, document) => sum + document.bytes, 0);
  for (const document of added) {
    const twin = documents.find(({ text }) => text === document.text);
    if (twin) {
      told.push(
        twin.name === document.name
          ? `“${document.name}” is attached already.`
          : `“${document.name}” has the same text as “${twin.name}”, so it was left out.`,
      );
    } else if (documents.length >= maxDocuments) {
      beyond.push(document.name);
    } else if (size + document.bytes > maxBytes) {
      tooLong.push(document.name);
    } else {
      size += document.bytes;
      const name = freeName(document.name, documents);
      if (name !== document.name) told.push(`There is another “${document.name}” already: this one is “${name}” now.`);
      documents.push({ ...document, name });
    }
  }
  if (beyond.length > 0) told.push(`A message can have ${maxDocuments} documents. Left out: ${list(beyond)}.`);
  if (tooLong.length > 0)
    told.push(
      `A message can have ${bytes(maxBytes)} of text in all. Left out: ${list(tooLong)}. Attach parts of the documents.`,
    );
  return { documents, told };
}

/** `a.txt`, or `a (2).txt` where that is taken. */
function freeName(name: string, others: readonly TextDocument[]): string {
  const taken = new Set(others.map((other) => other.name));
  const [, stem = name, ending = ''] = /^(.*[^/])(\.[^./]+)$/s.exec(name) ?? [];
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${stem} (${number})${ending}`;
  return free;
}
