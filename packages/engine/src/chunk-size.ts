export interface ChunkSituation {
  /** Prompt tokens still to read. */
  remaining: number;
  /** Prompt tokens that had to be read in all, i.e. without the cached ones. */
  uncached: number;
  /** Most tokens that the backend takes at once. */
  maxChunk: number;
  /** What a chunk of so many tokens took lately, in ms; null if none has been read. */
  measured: (size: number) => number | null;
}

/** Longest time a chunk should take, in ms: it bounds the silence between two events and the wait for a cancel. */
export const chunkBudgetMs = 100;

/** A chunk is at most this part of what has to be read, so that a short prompt also shows its way. */
const shareOfPrompt = 16;

/** The ladder's lowest rung in ordinary times. */
export const lowestRung = 64;

/** Going below it may make a token this much dearer at most: reading every weight for a few tokens is a waste. */
const dearest = 1.25;

/**
 * How many tokens to read next. Sizes come from a ladder (64·2^k), and what is left at the prompt's end and is less than
 * 64 is a chunk of its own: llama.cpp comes to other sums for a token in a batch of fewer than 64, so that each token is
 * read with the same sums whichever of the ladder's sizes were chosen. When even 64 tokens take longer than
 * `chunkBudgetMs`, the size is halved until they do not, but no further than a quarter more time a token is worth: a
 * big model on a CPU takes as long for 8 tokens as for 1, and some kernels are slower for 32 than for 64.
 */
export function chunkSize({ remaining, uncached, maxChunk, measured }: ChunkSituation): number {
  const limit = Math.min(uncached / shareOfPrompt, maxChunk);
  let size = lowestRung;
  while (size * 2 <= limit && expectedMs(size * 2, measured) <= chunkBudgetMs) size *= 2;
  while (size > maxChunk) size /= 2;
  while (size > 1 && expectedMs(size, measured) > chunkBudgetMs && isWorthIt(size / 2, measured)) size /= 2;
  while (size > remaining && size > lowestRung) size /= 2;
  return Math.min(size, remaining);
}

/** Measured at this size, else in proportion to the next smaller or larger one that was; nothing known is 0 at 64. */
function expectedMs(size: number, measured: ChunkSituation['measured']): number {
  for (let rung = size; rung >= 1; rung /= 2) {
    const ms = measured(rung);
    if (ms !== null) return (ms * size) / rung;
  }
  for (let rung = size * 2; rung <= lowestRung; rung *= 2) {
    const ms = measured(rung);
    if (ms !== null) return (ms * size) / rung;
  }
  return size <= lowestRung ? 0 : Number.POSITIVE_INFINITY;
}

/** Whether a token costs little more in a chunk of this size than in one of the lowest rung; tried once to find out. */
function isWorthIt(size: number, measured: ChunkSituation['measured']): boolean {
  const ms = measured(size);
  const atRung = measured(lowestRung);
  return ms === null || atRung === null || ms / size <= dearest * (atRung / lowestRung);
}
