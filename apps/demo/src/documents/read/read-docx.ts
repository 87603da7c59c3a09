import { docxText } from './docx-text.ts';
import { unzipPart } from './unzip-part.ts';

/** Loaded when the user attaches a Word document, with its unzipper. Null for a file that is none, or has no text. */
export function readDocx(content: Uint8Array, maxBytes: number): string | null {
  try {
    // XML has about ten times the size of its text; more is no document but an attack on the memory.
    const part = unzipPart(content, 'word/document.xml', 16 * maxBytes);
    if (!part) return null;
    const xml = new TextDecoder().decode(part);
    // Word declares no document type. The entities in one could expand to any size.
    if (xml.includes('<!DOCTYPE')) return null;
    return docxText(new DOMParser().parseFromString(xml, 'application/xml'));
  } catch {
    // Also for elements that are nested deeper than any text.
    return null;
  }
}
