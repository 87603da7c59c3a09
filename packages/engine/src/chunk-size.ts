export interface ChunkSituation {
  /** Prompt tokens still to read. */
  remaining: number;
  /** Prompt tokens that had to be read in all, i.e. without the cached ones. */
  uncached: number;
  /** What reading one token takes here; null before anything was measured. */
  msPerToken: number | null;
  /** Most tokens that the backend takes at once. */
  maxChunk: number;
}

/** Longest time one chunk may take, in ms: it bounds the silence between two events and the wait for a cancel. */
export const chunkBudgetMs = 100;

/** A chunk is at most this part of what has to be read, so that a short prompt also shows its way. */
const shareOfPrompt = 16;

/** The ladder's lowest rung in ordinary times. */
const rung = 64;

/**
 * How many tokens to read next. Sizes come from a ladder (64·2^k): batch shapes change floating-point sums, so the
 * fewer shapes there are, the more often equal seeds give equal texts. The budget wins over the ladder's foot: when
 * even 64 tokens take longer than `chunkBudgetMs`, the size is halved until they do not.
 */
export function chunkSize({ remaining, uncached, msPerToken, maxChunk }: ChunkSituation): number {
  const affordable = msPerToken === null ? rung : chunkBudgetMs / msPerToken;
  const limit = Math.min(affordable, Math.max(rung, uncached / shareOfPrompt), maxChunk);
  let size = rung;
  while (size * 2 <= limit) size *= 2;
  while (size > limit && size > 1) size /= 2;
  return Math.min(size, remaining);
}
