import { formatTable } from '../../terminal/format-table.ts';
import { localTime } from './local-time.ts';
import type { ChatStore, StoredChat } from './chat-store.ts';
import type { SavedChat } from './saved-chat.ts';

/** The values of the options that name a saved conversation. */
export interface SavedChatOptions {
  /** Goes on with the last one. */
  continue?: boolean;
  /** Goes on with this one; true lists them. */
  resume?: string | true;
  /** False saves nothing. @default true */
  save?: boolean;
}

/** The conversation that the options name; null for a new one. @throws HeadwayError if there is none such */
export function chosenChat(store: ChatStore, { continue: last, resume }: SavedChatOptions): SavedChat | null {
  if (typeof resume === 'string') return store.open(resume);
  return last ? store.last() : null;
}

/** The saved conversations as a table, each with its first question. */
export function chatTable(chats: readonly StoredChat[], columns: number): string {
  const rows = chats.map(({ id, chat }) => {
    if (!chat) return [id, '', '', '(this file cannot be read)'];
    const questions = chat.messages.filter(({ role }) => role === 'user');
    return [id, localTime(chat.savedAt), String(questions.length), oneLine(questions[0]?.content ?? '')];
  });
  // Padded, since columns that begin with digits are aligned to the right.
  const header = ['ID'.padEnd(15), 'SAVED'.padEnd(16), 'QUESTIONS', 'FIRST QUESTION'];
  const table = formatTable(header, rows);
  if (!columns) return table;
  return table.replaceAll(/.+/g, (line) => cut(line, columns - 1));
}

function oneLine(text: string): string {
  return cut(text.replaceAll(/\s+/g, ' ').trim(), 200);
}

function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}
