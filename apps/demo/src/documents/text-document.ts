import { createGenerationId } from '@headway/protocol';

import { shortenMiddle } from '../words/shorten-middle.ts';

/** A text attached to a message: dropped, chosen or pasted. */
export interface TextDocument {
  id: string;
  /** A file's name, or its path in an attached folder. */
  name: string;
  text: string;
  /** The text's size in UTF-8. */
  bytes: number;
  /** What to know about the text, such as pages without one. */
  note?: string;
  /** The other form of an HTML file: its source while `text` is readable text, and the reverse. */
  other?: { form: 'source' | 'text'; text: string };
}

/** A named range of a message's content, in UTF-16 code units. */
export interface ContentSpan {
  name: string;
  start: number;
  end: number;
}

/** From this number of characters on, a pasted text becomes a document, so that it does not fill the message box. */
export const longPaste = 4000;

/** The most characters of a span's name; the gateway refuses longer ones. */
const longestName = 256;

export function textDocument(
  name: string,
  text: string,
  more: Pick<TextDocument, 'note' | 'other'> = {},
): TextDocument {
  return { id: createGenerationId(), name, text, bytes: utf8Bytes(text), ...more };
}

/** `Pasted text`, then `Pasted text 2` … */
export function pastedDocument(text: string, others: readonly TextDocument[]): TextDocument {
  const taken = new Set(others.map((other) => other.name));
  let name = 'Pasted text';
  for (let number = 2; taken.has(name); number += 1) name = `Pasted text ${number}`;
  return textDocument(name, text);
}

/** The document with its other form, as another document, since its tokens differ. */
export function inOtherForm(document: TextDocument): TextDocument {
  const { other, note, name, text } = document;
  if (!other) return document;
  const form = other.form === 'source' ? 'text' : 'source';
  return textDocument(name, other.text, { ...(note !== undefined && { note }), other: { form, text } });
}

/**
 * The content of a message, and where each document is in it. The documents come first, since models answer best to the text
 * that they read last.
 */
export function messageWithDocuments(
  text: string,
  documents: readonly TextDocument[],
): { content: string; spans: ContentSpan[] } {
  const parts: string[] = [];
  const spans: ContentSpan[] = [];
  let length = 0;
  const add = (part: string): number => {
    const start = length === 0 ? 0 : length + separator.length;
    parts.push(part);
    length = start + part.length;
    return start;
  };
  for (const document of documents) {
    // With one document there is nothing to tell apart.
    if (documents.length > 1) add(document.name);
    if (document.text.trim() === '') continue;
    const start = add(document.text);
    spans.push({ name: shortenMiddle(document.name, longestName), start, end: start + document.text.length });
  }
  if (text.trim() !== '') add(text);
  return { content: parts.join(separator), spans };
}

const separator = '\n\n';

export function utf8Bytes(text: string): number {
  return new Blob([text]).size;
}
