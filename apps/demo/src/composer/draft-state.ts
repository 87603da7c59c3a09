import { addDocuments } from '../documents/add-documents.ts';
import type { Reading } from '../documents/reading.ts';
import { inOtherForm, pastedDocument, type TextDocument } from '../documents/text-document.ts';
import { emptyDraft, type Draft } from './draft.ts';

/** The unsent message with what happens to its attachments. Only `draft` is worth keeping. */
export interface DraftState {
  draft: Draft;
  readings: readonly Reading[];
  /** What the user should know of the last attachments, a line each; null for nothing. */
  notice: string | null;
}

export const initialDraftState: DraftState = { draft: emptyDraft, readings: [], notice: null };

/** What changes an unsent message. `maxBytes` is the most text that its documents may have. */
export type DraftAction =
  | { type: 'write'; text: string }
  | { type: 'paste'; text: string; maxBytes: number }
  | { type: 'read'; reading: Reading }
  | { type: 'attach'; document: TextDocument; maxBytes: number }
  | { type: 'read-all'; id: string; told: readonly string[] }
  | { type: 'remove'; id: string }
  | { type: 'change-form'; id: string }
  | { type: 'replace'; draft: Draft }
  | { type: 'notice'; notice: string | null };

export function changeDraft(state: DraftState, action: DraftAction): DraftState {
  const { draft, readings, notice } = state;
  switch (action.type) {
    case 'write':
      return { ...state, draft: { ...draft, text: action.text }, notice: null };
    case 'paste':
      return attach({ ...state, notice: null }, [pastedDocument(action.text, draft.documents)], action.maxBytes);
    case 'read': {
      const { reading } = action;
      const begins = !readings.some(({ id }) => id === reading.id);
      return {
        ...state,
        readings: begins ? [...readings, reading] : readings.map((one) => (one.id === reading.id ? reading : one)),
        notice: begins && readings.length === 0 ? null : notice,
      };
    }
    case 'attach':
      return attach(state, [action.document], action.maxBytes);
    case 'read-all': {
      const left = readings.filter(({ id }) => id !== action.id);
      return { ...state, readings: left, notice: withLines(notice, action.told) };
    }
    case 'remove':
      return {
        ...state,
        draft: { ...draft, documents: draft.documents.filter(({ id }) => id !== action.id) },
        notice: null,
      };
    case 'change-form':
      return {
        ...state,
        draft: { ...draft, documents: draft.documents.map((one) => (one.id === action.id ? inOtherForm(one) : one)) },
      };
    case 'replace':
      return { draft: action.draft, readings: [], notice: null };
    case 'notice':
      return { ...state, notice: action.notice };
    default:
      return action satisfies never;
  }
}

function attach(state: DraftState, added: readonly TextDocument[], maxBytes: number): DraftState {
  const { documents, told } = addDocuments(state.draft.documents, added, maxBytes);
  return { ...state, draft: { ...state.draft, documents }, notice: withLines(state.notice, told) };
}

/** The most lines of a notice. */
const mostLines = 8;

function withLines(notice: string | null, added: readonly string[]): string | null {
  const lines = [...(notice?.split('\n') ?? []), ...added];
  if (lines.length === 0) return null;
  if (lines.length <= mostLines) return lines.join('\n');
  // The first line that is left out stands for all of them, also when more come.
  const [, before = '0'] = /^(\d+) more files/.exec(lines[mostLines - 1] ?? '') ?? [];
  const more = Number(before) + lines.length - mostLines + (before === '0' ? 1 : 0);
  return [...lines.slice(0, mostLines - 1), `${more} more files were left out or renamed.`].join('\n');
}
