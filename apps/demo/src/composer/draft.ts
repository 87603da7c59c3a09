import type { TextDocument } from '../documents/text-document.ts';

/** A message that is not sent yet. */
export interface Draft {
  text: string;
  documents: TextDocument[];
}

export const emptyDraft: Draft = { text: '', documents: [] };

export function isEmpty({ text, documents }: Draft): boolean {
  return text.trim() === '' && documents.length === 0;
}
