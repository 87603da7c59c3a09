import { fitLine } from '../../terminal/fit-line.ts';
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

/** In columns. A longer first question is cut, also in a pipe. */
const longestQuestion = 200;

/** A narrower window leaves the times out; an id has the day. */
const leastWithTimes = 70;

/** The saved conversations as a table, each with its first question. A window of 0 columns is a pipe. */
export function chatTable(chats: readonly StoredChat[], columns: number): string {
  const timed = columns === 0 || columns >= leastWithTimes;
  const rows = chats.map(({ id, chat }) => {
    const questions = chat?.messages.filter(({ role }) => role === 'user') ?? [];
    return [
      id,
      ...(timed ? [chat ? localTime(chat.savedAt) : ''] : []),
      chat ? String(questions.length) : '',
      chat ? oneLine(questions[0]?.content ?? '') : '(this file cannot be read)',
    ];
  });
  // Padded, since columns that begin with digits are aligned to the right.
  const header = ['ID'.padEnd(15), ...(timed ? ['SAVED'.padEnd(16)] : []), 'TURNS', 'FIRST QUESTION'];
  const table = formatTable(header, rows);
  return columns === 0 ? table : table.replaceAll(/.+/g, (line) => fitLine(line, columns - 1));
}

function oneLine(text: string): string {
  // A question may be a whole book.
  const beginning = text.slice(0, 10 * longestQuestion);
  return fitLine(beginning.replaceAll(/\s+/g, ' ').trim(), longestQuestion);
}
