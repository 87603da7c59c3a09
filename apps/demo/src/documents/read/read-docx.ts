import { unzipSync } from 'fflate';

import { docxText } from './docx-text.ts';

/** Loaded when the user attaches a Word document, with its unzipper. Null for a file that is none, or has no text. */
export function readDocx(content: Uint8Array, maxBytes: number): string | null {
  const part = 'word/document.xml';
  let xml: Uint8Array | undefined;
  try {
    // XML has about ten times the size of its text; more is no document but an attack on the memory.
    xml = unzipSync(content, { filter: ({ name, originalSize }) => name === part && originalSize <= 16 * maxBytes })[
      part
    ];
  } catch {
    return null;
  }
  if (!xml) return null;
  const page = new DOMParser().parseFromString(new TextDecoder().decode(xml), 'application/xml');
  return docxText(page);
}
