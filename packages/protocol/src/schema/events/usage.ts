import { z } from 'zod';

const tokens = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const perSecond = z.number().nonnegative();

/** What one choice cost, in tokens. End tokens and stripped stop strings are not counted. */
export const usage = z.object({
  /** Prompt tokens that were read, or were in memory already; fewer than `promptTotal` where the end came before. */
  promptTokens: tokens,
  /** Tokens of the whole prompt; left out where it was not tokenised yet. */
  promptTotal: tokens.optional(),
  /** Prompt tokens that were still in the slot's memory and were not read again. */
  cachedTokens: tokens,
  completionTokens: tokens,
});

export type Usage = z.infer<typeof usage>;

/** Tokens that were guessed ahead of the model. */
export const speculation = z.object({
  drafted: tokens,
  /** Those that the model would have written, and were written. */
  accepted: tokens,
  /** Accepted of drafted, from 0 to 1; null when none was drafted. */
  acceptanceRate: z.number().min(0).max(1).nullable(),
});

export type Speculation = z.infer<typeof speculation>;

/** Where the time went. Rates are null where nothing was measured, e.g. a prefill that was cancelled at once. */
export const timings = z.object({
  queuedMs: milliseconds,
  /** From when reading began; the time in which others were read is in it. */
  prefillMs: milliseconds,
  decodeMs: milliseconds,
  /** From the request's arrival to its first token; null when none came. */
  timeToFirstTokenMs: milliseconds.nullable(),
  /** About the uncached part of the prompt, without the time in which others were read. */
  prefillTokensPerSecond: perSecond.nullable(),
  decodeTokensPerSecond: perSecond.nullable(),
  /** Left out by an engine that does not guess. */
  speculation: speculation.optional(),
});

export type Timings = z.infer<typeof timings>;
