import { z } from 'zod';

import { errorCode } from '../error-code.ts';
import { finishReason } from './event.ts';
import { generationId } from './generation-id.ts';
import { lifecycle } from './lifecycle.ts';

const count = z.int().nonnegative();

/** How one of a caller's generations stands. */
export const generationInfo = z.object({
  id: generationId,
  /** The model's id; `default` until the request is taken, when no other was asked for. */
  model: z.string(),
  /** When it was asked for, in ms since 1970. */
  created: count,
  /** Where the prompt stands (`queued`, `loading`, `prefill`), then `decode`, then `ended`. */
  state: lifecycle,
  /** 1 is next; null when not queued. */
  queuePosition: z.int().positive().nullable(),
  /** Prompt tokens read, reused and in all, as in the prefill event; null before it says so. */
  processed: count.nullable(),
  cached: count.nullable(),
  total: count.nullable(),
  /** Tokens written so far, of all choices. */
  completionTokens: count,
  /** How it ended: the first choice's finish reason, or the error that ended one; null while it runs. */
  outcome: z.union([finishReason, errorCode]).nullable(),
  /** Views of it that are open. */
  viewers: count,
});

export type GenerationInfo = z.infer<typeof generationInfo>;
