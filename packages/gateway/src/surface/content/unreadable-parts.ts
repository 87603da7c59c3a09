import type { FieldPath, Issue } from '@headway/protocol';

import { isLeftOut } from './left-out-part.ts';

/** The fields of a message that this check needs. */
export interface CheckedMessage {
  /** The user, a tool's result, a tool's result and the user's text in one message, or anything else. */
  from: 'user' | 'tool' | 'user-behind-tool' | 'other';
  content: unknown;
}

/**
 * Finds the parts in the user's latest messages that are not text. The user asks about them, so an answer that ignores
 * them would be wrong, and they are refused. In earlier messages, in a tool's result and right after one (where clients
 * put the images of a result) a line replaces such a part.
 */
export function* unreadableParts(
  messages: readonly CheckedMessage[],
  { at, remedy }: { at: (place: number) => FieldPath; remedy: (type: string) => string },
): Generator<Issue> {
  const last = messages.findLastIndex(({ from }) => from.startsWith('user'));
  let first = last;
  while (first > 0 && messages[first - 1]?.from === 'user') first--;
  if (messages[first - 1]?.from.endsWith('tool') || messages[first]?.from === 'user-behind-tool') return;
  for (let place = first; place >= 0 && place <= last; place++) {
    const content = messages[place]?.content;
    if (!Array.isArray(content)) continue;
    for (const [index, part] of (content as object[]).entries()) {
      if (isLeftOut(part)) yield { path: [...at(place), 'content', index, 'type'], message: remedy(part.leftOut) };
    }
  }
}
