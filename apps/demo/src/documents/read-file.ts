import { bytes } from '../words/quantities.ts';
import { textDocument, type TextDocument } from './text-document.ts';

/** A file's text, or the problem in a sentence for the user. */
export type FileReading = { document: TextDocument } | { problem: string };

export async function readFile(file: File, maxBytes: number): Promise<FileReading> {
  if (file.size > maxBytes) {
    return {
      problem: `“${file.name}” has ${bytes(file.size)}, and a message can have ${bytes(maxBytes)}. Attach a part of it.`,
    };
  }
  let content: Uint8Array;
  try {
    content = new Uint8Array(await file.arrayBuffer());
  } catch {
    return { problem: `“${file.name}” could not be read. If it is a folder, attach the files in it.` };
  }
  const text = decodeText(content);
  if (text === null) return { problem: `“${file.name}” is ${kindOf(content)}, not plain text. ${remedyFor(content)}` };
  if (text.trim() === '') return { problem: `“${file.name}” is empty.` };
  return { document: textDocument(file.name, text) };
}

/** Decodes UTF-8, UTF-16 with a byte order mark, or else windows-1252; null for a file that is not text. */
export function decodeText(content: Uint8Array): string | null {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(content);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(content);
  if (startsWith(content, '%PDF') || hasControls(content.subarray(0, 64 * 1024))) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return new TextDecoder('windows-1252').decode(content);
  }
}

/** Control characters that do not occur in text: all but tab, line feed, form feed, carriage return and escape. */
function hasControls(content: Uint8Array): boolean {
  return content.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27);
}

function kindOf(content: Uint8Array): string {
  if (startsWith(content, '%PDF')) return 'a PDF';
  if (startsWith(content, 'PK')) return 'an Office document or an archive';
  if (startsWith(content, '\x89PNG') || startsWith(content, '\xff\xd8\xff') || startsWith(content, 'GIF8'))
    return 'an image';
  return 'a binary file';
}

function remedyFor(content: Uint8Array): string {
  if (startsWith(content, '%PDF') || startsWith(content, 'PK')) return 'Open it, copy the text and paste it here.';
  return 'Attach text, such as .txt, .md, .csv or source code.';
}

function startsWith(content: Uint8Array, signature: string): boolean {
  return String.fromCharCode(...content.subarray(0, signature.length)) === signature;
}
