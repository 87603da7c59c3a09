import { z } from 'zod';

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();

/** What a request would meet if it were sent now. Nothing runs for it. */
export const estimate = z.object({
  /** The model's id; `default` is resolved. */
  model: z.string(),
  /** Prompt tokens, the chat template's included. */
  tokens: count,
  /** Prompt tokens that need not be read again; of what the same key has asked before. */
  cached: count,
  /** The place it would get in the queue, 1 is next; null when a slot is free. */
  queuePosition: z.int().positive().nullable(),
  /**
   * From having a slot to the prompt being read, beside what runs now; null until the model has read anything. What comes
   * later is not in it.
   */
  prefillMs: milliseconds.nullable(),
  /**
   * From the request to the first token, likewise; null also when it would have to queue, since nobody knows how long
   * others will write.
   */
  timeToFirstTokenMs: milliseconds.nullable(),
});

export type Estimate = z.infer<typeof estimate>;
