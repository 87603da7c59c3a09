import type { Conversation, Message } from '../storage/records.ts';

/** Characters of a document, or of a tool's result, that the search looks through. */
const ofDocument = 4000;

/** What the search looks through: the texts of a conversation's messages, a line each. */
export function searchText(messages: readonly Message[]): string {
  return messages
    .flatMap((message) =>
      message.kind === 'reply'
        ? [message.result?.text ?? '']
        : [
            message.text,
            ...(message.toolResults ?? []).map(({ text }) => text.slice(0, ofDocument)),
            ...message.documents.map(({ name, text }) => `${name} ${text.slice(0, ofDocument)}`),
          ],
    )
    .filter((text) => text !== '')
    .map((text) => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim())
    .join('\n');
}

/** The texts of all conversations by id, each also as the search compares it. */
export type SearchIndex = ReadonlyMap<string, { text: string; folded: string }>;

export const emptyIndex: SearchIndex = new Map();

/** @param before the index so far: what has not changed is not folded again */
export function searchIndex(texts: ReadonlyMap<string, string>, before: SearchIndex): SearchIndex {
  return new Map(
    [...texts].map(([id, text]) => {
      const known = before.get(id);
      return [id, known?.text === text ? known : { text, folded: folded(text) }];
    }),
  );
}

export interface Finding {
  conversation: Conversation;
  /** The text around the first place that was found; null where the title has all words. */
  excerpt: string | null;
}

const nothing = { text: '', folded: '' };

/** Characters of an excerpt before the place and in all. */
const before = 10;
const length = 90;

/** The conversations that have every word of `query` in their title or texts, in the given order, those found by title first. */
export function search(conversations: readonly Conversation[], index: SearchIndex, query: string): Finding[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return conversations.map((conversation) => ({ conversation, excerpt: null }));
  const byTitle: Finding[] = [];
  const byText: Finding[] = [];
  for (const conversation of conversations) {
    const title = folded(conversation.title);
    const { text, folded: compared } = index.get(conversation.id) ?? nothing;
    const missing = words.filter((word) => !title.includes(word));
    const [first] = missing;
    if (first === undefined) byTitle.push({ conversation, excerpt: null });
    else if (missing.every((word) => compared.includes(word))) {
      byText.push({
        conversation,
        excerpt: excerptAt(text.length === compared.length ? text : compared, compared.indexOf(first)),
      });
    }
  }
  return [...byTitle, ...byText];
}

function excerptAt(text: string, at: number): string {
  const lineStart = text.lastIndexOf('\n', at) + 1;
  let start = Math.max(lineStart, at - before);
  if (start > lineStart) {
    // Begins with a whole word where there is one before the place.
    const space = text.indexOf(' ', start - 1);
    if (space >= 0 && space < at) start = space + 1;
  }
  const line = text.slice(start, start + length).split('\n', 1)[0] ?? '';
  return `${start > lineStart ? '… ' : ''}${line.trim()}`;
}

/** Lower case without accents, so that "resume" finds "Résumé". Nearly every text keeps its length, so that places agree. */
function folded(text: string): string {
  // Most texts, and much faster.
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .normalize('NFC')
    .toLowerCase();
}
