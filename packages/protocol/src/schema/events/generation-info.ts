import { z } from 'zod';

import { errorCode } from '../error-code.ts';
import { finishReason } from './event.ts';
import { generationId } from './generation-id.ts';
import { lifecycle } from './lifecycle.ts';

const count = z.int().nonnegative();

/** The state of one of a caller's generations. */
export const generationInfo = z.object({
  id: generationId,
  /** The model's id; for a request that names none, `default` until the engine accepts it. */
  model: z.string(),
  /** When the gateway received the request, in ms since 1970. */
  created: count,
  /** The current phase. */
  state: lifecycle,
  /** 1 is next; null when not queued. */
  queuePosition: z.int().positive().nullable(),
  /** Prompt tokens read, cached and in total, as in the prefill event; null until an event has them. */
  processed: count.nullable(),
  cached: count.nullable(),
  total: count.nullable(),
  /** Tokens written so far, over all choices. */
  completionTokens: count,
  /** How the generation ended: the first choice's finish reason, or the error of a choice; null while it runs. */
  outcome: z.union([finishReason, errorCode]).nullable(),
  /** Clients that read its events now. */
  viewers: count,
  /** How many answers it writes. */
  choices: z.int().positive().optional(),
  /** Since the request, or from it to the end once it has ended, in ms. */
  elapsedMs: z.number().nonnegative().optional(),
  /**
   * In the phase `prefill`: as in the prefill event. In the phase `decode`: of all choices since the prompt was read. Null
   * until known.
   */
  tokensPerSecond: z.number().nonnegative().nullable().optional(),
  /** In the phase `prefill`: time to its end, in ms; null until known. */
  etaMs: z.number().nonnegative().nullable().optional(),
  /** In the phase `prefill`: how many prompts are read before this one; left out while it is read itself. */
  ahead: z.int().positive().optional(),
  /** In the phase `loading`: the share of the model that is in memory; left out while unknown. */
  loaded: z.number().min(0).max(1).optional(),
});

export type GenerationInfo = z.infer<typeof generationInfo>;
