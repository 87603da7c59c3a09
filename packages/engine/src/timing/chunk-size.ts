export interface ChunkSituation {
  /** Prompt tokens still to read. */
  remaining: number;
  /** Prompt tokens that had to be read in all, i.e. without the cached ones. */
  uncached: number;
  /** Most tokens that the backend takes at once. */
  maxChunk: number;
  /** Longest time it should take, in ms. */
  budgetMs: number;
  /** What a chunk of so many tokens will take, in ms; null when nothing is known yet. */
  predicted: (size: number) => number | null;
}

/** Longest time any chunk should take, in ms: it bounds the silence between two events and the wait for a cancel. */
export const longestChunkMs = 100;

/** A chunk is at most this part of what has to be read, so that a short prompt also shows its way. */
const shareOfPrompt = 16;

/** The ladder's lowest rung in ordinary times. */
export const lowestRung = 64;

/** Going below a size may make a token this much dearer at most: reading every weight for a few tokens is a waste. */
const dearest = 1.25;

/**
 * How many tokens to read next. Sizes come from a ladder (64·2^k), and what a prompt has over a multiple of 64 is read
 * first, by itself: llama.cpp comes to other sums for a token in a batch of fewer than 64, so that each token is read with
 * the same sums whichever of the ladder's sizes were chosen; and on a CPU such a batch takes longer the later it comes, up
 * to three times as long as one of 64.
 *
 * When even 64 tokens take longer than the budget, the size is halved until they do not, but no further than a quarter
 * more time a token is worth: a big model on a CPU takes as long for 8 tokens as for 1, and some kernels are slower for 32
 * than for 64.
 */
export function chunkSize({ remaining, uncached, maxChunk, budgetMs, predicted }: ChunkSituation): number {
  const limit = Math.min(uncached / shareOfPrompt, maxChunk, remaining);
  const isAffordable = (size: number) => (predicted(size) ?? (size <= lowestRung ? 0 : Infinity)) <= budgetMs;
  const perToken = (size: number) => (predicted(size) ?? 0) / size;
  const over = remaining % lowestRung;
  const most = over > 0 ? over : lowestRung;
  let size = most;
  if (over === 0) while (size * 2 <= limit && isAffordable(size * 2)) size *= 2;
  const half = () => Math.ceil(size / 2);
  while (size > maxChunk) size = half();
  while (size > 1 && !isAffordable(size) && perToken(half()) <= dearest * perToken(most)) size = half();
  return size;
}
