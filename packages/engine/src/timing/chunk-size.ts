export interface ChunkSituation {
  /** Prompt tokens still to read. */
  remaining: number;
  /** Prompt tokens without the cached ones: the remaining ones at the start of prefill. */
  uncached: number;
  /** Most tokens that the backend takes at once. */
  maxChunk: number;
  /** Longest time that a chunk of more than 64 tokens should take, in ms. */
  budgetMs: number;
  /** Longest time that one of 64 tokens and fewer should take, in ms. */
  limitMs: number;
  /** Predicted time of a chunk of `size` tokens, in ms; null before any chunk was measured. */
  predicted: (size: number) => number | null;
  /** Predicted time from its start to the next chunk's, in ms: streams decode in between. @default as `predicted` */
  interval?: (size: number) => number | null;
}

/** Longest time of a chunk, in ms. It bounds the time between two events and the delay of a cancel. */
export const longestChunkMs = 100;

/**
 * The same for a chunk of 64 tokens and fewer while no stream waits for it, in ms: where 64 take long, fewer cost more a
 * token.
 */
export const longestLoneChunkMs = 500;

/** A chunk has at most 1/16 of the uncached tokens, so that a short prompt also reports progress. */
const shareOfPrompt = 16;

/** The smallest size of the ladder, unless even this size exceeds the time budget. */
export const lowestRung = 64;

/** Below this size each token costs half as much again, and more; so a busy machine cannot drive itself further down. */
const smallestHalf = 16;

/** A smaller chunk may raise the time per token by at most this factor over 64, since each batch reads all weights. */
const mostCostRatio = 1.25;

/**
 * The number of tokens to read next. Sizes come from a ladder (64·2^k). The remainder over a multiple of 64 is read
 * first, in a chunk of its own, for two reasons. llama.cpp computes slightly different sums in batches of fewer than 64
 * tokens; this way every token gets the same sums, whichever ladder sizes are chosen. And on a CPU such a batch takes
 * longer at later positions, up to three times as long as one of 64.
 *
 * When even 64 tokens exceed the limit, the size is halved until it fits, as long as the time per token rises by no
 * more than a quarter: a big model on a CPU takes as long for 8 tokens as for 1, and some kernels are slower for 32
 * than for 64.
 */
export function chunkSize({
  remaining,
  uncached,
  maxChunk,
  budgetMs,
  limitMs,
  predicted,
  interval = predicted,
}: ChunkSituation): number {
  const limit = Math.min(uncached / shareOfPrompt, maxChunk, remaining);
  const isAffordable = (size: number) =>
    size > lowestRung ? (predicted(size) ?? Infinity) <= budgetMs : (predicted(size) ?? 0) <= limitMs;
  const perToken = (size: number) => (interval(size) ?? 0) / size;
  const remainder = remaining % lowestRung;
  const most = remainder > 0 ? remainder : lowestRung;
  let size = most;
  if (remainder === 0) while (size * 2 <= limit && isAffordable(size * 2)) size *= 2;
  const half = () => Math.ceil(size / 2);
  while (size > maxChunk) size = half();
  while (half() >= smallestHalf && !isAffordable(size) && perToken(half()) <= mostCostRatio * perToken(lowestRung))
    size = half();
  return size;
}
