import type { Conversation, Message } from '../storage/records.ts';

/** Characters of a document, or of a tool's result, that the search looks through. */
const ofDocument = 4000;

/** What the search looks through: the texts of a conversation's messages in lower case, a line each. */
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
    .map((text) => folded(text).replaceAll(/\s+/g, ' '))
    .join('\n');
}

export interface Finding {
  conversation: Conversation;
  /** The text around the first place that was found; null where the title has all words. */
  excerpt: string | null;
}

/** Characters of an excerpt before the place and in all. */
const before = 24;
const length = 90;

/** The conversations that have every word of `query` in their title or texts, in the given order, those found by title first. */
export function search(
  conversations: readonly Conversation[],
  texts: ReadonlyMap<string, string>,
  query: string,
): Finding[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return conversations.map((conversation) => ({ conversation, excerpt: null }));
  const byTitle: Finding[] = [];
  const byText: Finding[] = [];
  for (const conversation of conversations) {
    const title = folded(conversation.title);
    const text = texts.get(conversation.id) ?? '';
    const missing = words.filter((word) => !title.includes(word));
    const [first] = missing;
    if (first === undefined) byTitle.push({ conversation, excerpt: null });
    else if (missing.every((word) => text.includes(word))) {
      byText.push({ conversation, excerpt: excerptAt(text, text.indexOf(first)) });
    }
  }
  return [...byTitle, ...byText];
}

function excerptAt(text: string, at: number): string {
  const start = Math.max(text.lastIndexOf('\n', at) + 1, at - before);
  const line = text.slice(start, start + length).split('\n', 1)[0] ?? '';
  const cutBefore = start > 0 && text[start - 1] !== '\n';
  return `${cutBefore ? '… ' : ''}${line.trim()}`;
}

/** Lower case without accents, so that "resume" finds "Résumé". */
function folded(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase();
}
