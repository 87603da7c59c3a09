import type { TextDocument } from '../documents/text-document.ts';

/** What a tool returned to a call of the answer before the message. */
export interface ToolResult {
  /** The call's id. */
  id: string;
  /** The tool's name. */
  name: string;
  text: string;
}

/** A message that is not sent yet. */
export interface Draft {
  text: string;
  documents: TextDocument[];
  /** Left out where the message brings none. */
  toolResults?: ToolResult[];
}

export const emptyDraft: Draft = { text: '', documents: [] };

export function isEmpty({ text, documents, toolResults = [] }: Draft): boolean {
  return text.trim() === '' && documents.length === 0 && toolResults.length === 0;
}
