import { z } from 'zod';

const tokens = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const perSecond = z.number().nonnegative();

/** The tokens of one choice. End tokens and removed stop strings are not counted. */
export const usage = z.object({
  /** Prompt tokens read or cached; fewer than `promptTotal` if the generation ended during prefill. */
  promptTokens: tokens,
  /** Tokens of the whole prompt; left out if the generation ended before the engine counted them. */
  promptTotal: tokens.optional(),
  /** Prompt tokens that were still in the slot's context and were not read again. */
  cachedTokens: tokens,
  completionTokens: tokens,
});

export type Usage = z.infer<typeof usage>;

/** Speculative decoding: tokens that a draft guessed ahead of the model. */
export const speculation = z.object({
  drafted: tokens,
  /** Drafted tokens that the model confirmed, so that they are part of the answer. */
  accepted: tokens,
  /** `accepted` / `drafted`, from 0 to 1; null when none was drafted. */
  acceptanceRate: z.number().min(0).max(1).nullable(),
});

export type Speculation = z.infer<typeof speculation>;

/** The durations of a choice. Rates are null if nothing was measured, as when a cancel comes at once. */
export const timings = z.object({
  queuedMs: milliseconds,
  /** From the start of the prefill; includes the time in which the engine read other prompts. */
  prefillMs: milliseconds,
  decodeMs: milliseconds,
  /** From the request's arrival to its first token; null without a token. */
  timeToFirstTokenMs: milliseconds.nullable(),
  /** Speed of the prompt's uncached part, without the time in which the engine read other prompts. */
  prefillTokensPerSecond: perSecond.nullable(),
  /** Speed of the answer, without a token that prefill drew; null when that is the only one. */
  decodeTokensPerSecond: perSecond.nullable(),
  /** Left out when speculative decoding is off. */
  speculation: speculation.optional(),
});

export type Timings = z.infer<typeof timings>;
