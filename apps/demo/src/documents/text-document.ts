/** A text that goes along with a message: dropped, chosen or pasted. */
export interface TextDocument {
  id: string;
  name: string;
  text: string;
  /** Of the text in UTF-8. */
  bytes: number;
}

/** Pasted texts from this length on become a document, so that the box stays a place to write in. */
export const longPaste = 4000;

export function textDocument(name: string, text: string): TextDocument {
  return { id: crypto.randomUUID(), name, text, bytes: utf8Bytes(text) };
}

/** `Pasted text`, then `Pasted text 2` … */
export function pastedDocument(text: string, others: readonly TextDocument[]): TextDocument {
  const taken = new Set(others.map((other) => other.name));
  let name = 'Pasted text';
  for (let number = 2; taken.has(name); number += 1) name = `Pasted text ${number}`;
  return textDocument(name, text);
}

/** What a message says: the documents first, since models answer best to what they read last. */
export function messageWithDocuments(text: string, documents: readonly TextDocument[]): string {
  const [only] = documents;
  const texts = documents.length === 1 && only ? [only.text] : documents.map((one) => `${one.name}\n\n${one.text}`);
  return [...texts, text].filter((part) => part.trim() !== '').join('\n\n');
}

export function utf8Bytes(text: string): number {
  return new Blob([text]).size;
}
