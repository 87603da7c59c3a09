import type { FieldPath, Issue } from '@headway/protocol';

import { isLeftOut } from './left-out-part.ts';

/** A turn of a conversation, as far as it matters here. */
export interface AskedTurn {
  /** What the user said, what a tool gave back, or anything else. */
  from: 'user' | 'tool' | 'user-behind-tool' | 'other';
  content: unknown;
}

/**
 * Where the user asks about what is no text: in the newest words of theirs. To answer as if it were not there would be
 * wrong, while in the history, in a tool's result and right behind one (where clients put the images of a result) a line in
 * its place says enough.
 */
export function* unreadableParts(
  turns: readonly AskedTurn[],
  { at, remedy }: { at: (turn: number) => FieldPath; remedy: (type: string) => string },
): Generator<Issue> {
  const last = turns.findLastIndex(({ from }) => from.startsWith('user'));
  let first = last;
  while (first > 0 && turns[first - 1]?.from === 'user') first--;
  if (turns[first - 1]?.from.endsWith('tool') || turns[first]?.from === 'user-behind-tool') return;
  for (let turn = first; turn >= 0 && turn <= last; turn++) {
    const content = turns[turn]?.content;
    if (!Array.isArray(content)) continue;
    for (const [index, part] of (content as object[]).entries()) {
      if (isLeftOut(part)) yield { path: [...at(turn), 'content', index, 'type'], message: remedy(part.leftOut) };
    }
  }
}
