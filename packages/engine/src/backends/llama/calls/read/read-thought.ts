import type { Tags } from '../form/call-form.ts';
import { mostWhite, type Parse, type TextSource } from './text-source.ts';

/** Passes on a thought as it arrives and consumes its closing mark. Returns whether the mark came. */
export function* readThought(source: TextSource, { open, close }: Tags, write: (text: string) => void): Parse<boolean> {
  yield* source.dropWhite();
  const mark = close.trim();
  // The prompt may have opened it already.
  if (yield* source.takeExactly(open.trim())) yield* source.dropWhite();
  let white = '';
  for (;;) {
    const { buffer } = source;
    const found = buffer.indexOf(mark);
    let to = found;
    if (found === -1) {
      to = buffer.length;
      for (let held = Math.min(mark.length - 1, to); held > 0 && !source.ended; held--) {
        if (!buffer.endsWith(mark.slice(0, held))) continue;
        to -= held;
        break;
      }
    }
    const text = white + buffer.slice(0, to);
    const trimmed = text.trimEnd();
    const kept = text.length - trimmed.length > mostWhite ? text : trimmed;
    white = text.slice(kept.length);
    write(kept);
    source.at = found === -1 ? to : found + mark.length;
    source.drop();
    if (found !== -1) return true;
    if (source.ended) return false;
    yield;
  }
}
