import { bytes } from '../../words/quantities.ts';
import { textDocument, type TextDocument } from '../text-document.ts';
import { decodeText } from './decode-text.ts';
import { fileKind, refusal, type FileKind } from './file-kind.ts';
import { htmlToText } from './html-text.ts';
import { emptyPages, joinPages } from './pdf-text.ts';

/** A file's text, or the problem in a sentence for the user. `notText`: no text is in this kind of file. */
export type FileReading = { document: TextDocument } | { problem: string; notText?: true };

export interface ReadOptions {
  /** The most bytes of text in UTF-8. */
  maxBytes: number;
  /** The document's name. @default the file's */
  name?: string;
  /** Whether an HTML file is attached as readable text or as its source. @default 'text' */
  htmlAs?: 'text' | 'source';
  signal?: AbortSignal;
  /** Called at each page of a PDF. */
  onPage?: (page: number, of: number) => void;
}

/** The most bytes of a PDF or a Word document, which hold more than text. */
const largestContainer = 64_000_000;

/** @throws the signal's reason when it aborts */
export async function readFile(file: File, options: ReadOptions): Promise<FileReading> {
  const { maxBytes, name = file.name, signal = new AbortController().signal } = options;
  let kind: FileKind;
  let content: Uint8Array;
  try {
    kind = fileKind(file.name, new Uint8Array(await file.slice(0, 1024).arrayBuffer()));
    const refused = refusal(kind);
    if (refused !== null) return { problem: `“${name}” ${refused}`, notText: true };
    const isContainer = kind === 'pdf' || kind === 'docx';
    if (file.size > (isContainer ? largestContainer : maxBytes))
      return { problem: isContainer ? tooBig(name, file.size) : tooLong(name, file.size, maxBytes) };
    content = new Uint8Array(await file.arrayBuffer());
  } catch {
    return { problem: `“${name}” could not be read. Is it still there, and may the browser open it?` };
  }
  signal.throwIfAborted();
  const reading = await readContent(kind, content, { ...options, name, signal });
  if ('problem' in reading) return reading;
  const { document } = reading;
  if (document.text.trim() === '') return { problem: `“${name}” is empty.` };
  if (document.bytes > maxBytes) return { problem: tooLong(name, document.bytes, maxBytes) };
  return reading;
}

type Required = ReadOptions & { name: string; signal: AbortSignal };

async function readContent(kind: FileKind, content: Uint8Array, options: Required): Promise<FileReading> {
  const { name, maxBytes } = options;
  switch (kind) {
    case 'pdf':
      return readPdfFile(content, options);
    case 'docx': {
      const { readDocx } = await import('./read-docx.ts');
      const text = readDocx(content, maxBytes);
      if (text !== null) return { document: textDocument(name, text) };
      return { problem: `“${name}” is damaged, or not a Word document. Save it again, or paste its text here.` };
    }
    default: {
      const text = decodeText(content);
      if (text === null) return { problem: `“${name}” ${refusal('binary')}`, notText: true };
      return { document: kind === 'html' ? htmlDocument(content, text, options) : textDocument(name, text) };
    }
  }
}

function htmlDocument(content: Uint8Array, source: string, { name, htmlAs = 'text' }: Required): TextDocument {
  // A page that is not in UTF-8 says in which encoding it is.
  const label = /<meta[^>]+charset=["']?([\w-]+)/i.exec(source.slice(0, 4096))?.[1];
  const decoded = (label === undefined ? null : decodeText(content, label)) ?? source;
  const text = htmlToText(new DOMParser().parseFromString(decoded, 'text/html'));
  // A page that a script fills has no text of its own.
  if (text === '') return textDocument(name, decoded);
  return htmlAs === 'text'
    ? textDocument(name, text, { other: { form: 'source', text: decoded } })
    : textDocument(name, decoded, { other: { form: 'text', text } });
}

async function readPdfFile(content: Uint8Array, options: Required): Promise<FileReading> {
  const { name, maxBytes, signal, onPage = () => undefined } = options;
  let reading;
  try {
    const { readPdf } = await import('./read-pdf.ts');
    reading = await readPdf(content, { signal, maxLength: maxBytes, onPage });
  } catch {
    signal.throwIfAborted();
    return {
      problem: `The part of this page that reads PDFs could not be loaded, so “${name}” was not attached. Is the gateway running?`,
    };
  }
  if ('pages' in reading) {
    const { pages } = reading;
    if (pages.every((page) => page === ''))
      return {
        problem: `“${name}” has no text, only pictures: it was probably scanned. Run text recognition (OCR) on it first, or paste its text here.`,
      };
    const note = emptyPages(pages);
    return { document: textDocument(name, joinPages(pages), note === null ? {} : { note }) };
  }
  switch (reading.problem) {
    case 'password':
      return { problem: `“${name}” has a password. Save it without one, or open it, copy its text and paste it here.` };
    case 'broken':
      return { problem: `“${name}” is damaged, or not a PDF. Open it, copy its text and paste it here.` };
    case 'too-long':
      return {
        problem: `“${name}” has more than ${bytes(maxBytes)} of text, and a message can have no more. Attach a part of it.`,
      };
    default:
      return reading.problem satisfies never;
  }
}

function tooLong(name: string, size: number, maxBytes: number): string {
  return `“${name}” has ${bytes(size)}, and a message can have ${bytes(maxBytes)}. Attach a part of it.`;
}

function tooBig(name: string, size: number): string {
  return `“${name}” has ${bytes(size)}, and this page reads files up to ${bytes(largestContainer)}. Attach a part of it.`;
}
