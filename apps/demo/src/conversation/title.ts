import type { Draft } from '../composer/draft.ts';

const longest = 60;

/** A title from the first message: its first line, or else the name of its first document. */
export function titleOf({ text, documents }: Draft): string {
  const line = text.trim().split('\n', 1)[0]?.replaceAll(/\s+/g, ' ').trim() ?? '';
  return shorten(line || (documents[0]?.name ?? '')) || 'New chat';
}

/** At most 60 characters, cut between words where there are any, and never within a character. */
export function shorten(title: string): string {
  if (title.length <= longest) return title;
  const cut = title.slice(0, longest - 2).replace(/[\uD800-\uDBFF]$/, '');
  const words = cut.replace(/\s+\S*$/, '');
  return `${words.length > longest / 2 ? words : cut} …`;
}
