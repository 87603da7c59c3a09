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
});

export type GenerationInfo = z.infer<typeof generationInfo>;
