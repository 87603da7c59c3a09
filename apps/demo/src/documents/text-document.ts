/** A text attached to a message: dropped, chosen or pasted. */
export interface TextDocument {
  id: string;
  name: string;
  text: string;
  /** The text's size in UTF-8. */
  bytes: number;
}

/** From this number of characters on, a pasted text becomes a document, so that it does not fill the message box. */
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

/** The content of a message. The documents come first, since models answer best to the text that they read last. */
export function messageWithDocuments(text: string, documents: readonly TextDocument[]): string {
  const [only] = documents;
  const texts = documents.length === 1 && only ? [only.text] : documents.map((one) => `${one.name}\n\n${one.text}`);
  return [...texts, text].filter((part) => part.trim() !== '').join('\n\n');
}

export function utf8Bytes(text: string): number {
  return new Blob([text]).size;
}
