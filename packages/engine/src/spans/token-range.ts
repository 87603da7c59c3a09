/** A part of a text, by offsets in the text's own unit. */
export interface TextRange {
  start: number;
  /** The offset after its end. */
  end: number;
}

/** A part of a prompt, by positions in tokens. */
export interface TokenRange {
  from: number;
  /** The position after its last token. */
  to: number;
}

/**
 * The tokens with any of a range's text. `ends`: where each token ends in the text, in ascending order; a token without
 * text of its own ends where the one before does.
 */
export function tokenRange(ends: readonly number[], { start, end }: TextRange): TokenRange {
  const from = firstTokenOf(ends, start);
  return { from, to: start < end ? Math.max(from, afterLastTokenOf(ends, end)) : from };
}

/** The first token with any text after `start`; the number of tokens if none has. */
export function firstTokenOf(ends: readonly number[], start: number): number {
  return firstAt(ends, (tokenEnd) => tokenEnd > start);
}

/** The position after the last token with any text before `end`, which is the first one that reaches it. */
export function afterLastTokenOf(ends: readonly number[], end: number): number {
  return Math.min(ends.length, firstAt(ends, (tokenEnd) => tokenEnd >= end) + 1);
}

/** The index of the first end that `passes`, as all after it do; the number of ends if none does. */
function firstAt(ends: readonly number[], passes: (end: number) => boolean): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(ends[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** An estimated range of a prompt of `total` tokens, with one token at least: its text is there. */
export function withAnyToken({ from, to }: TokenRange, total: number): TokenRange {
  const first = Math.min(from, total - 1);
  return { from: first, to: Math.min(total, Math.max(to, first + 1)) };
}
