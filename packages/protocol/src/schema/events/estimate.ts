import { z } from 'zod';

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();

/** A forecast for a request, made without running it. */
export const estimate = z.object({
  /** The model's id, also if the request said `default`. */
  model: z.string(),
  /** Prompt tokens, the chat template's included. */
  tokens: count,
  /** Prompt tokens that are cached from earlier requests of the same key. */
  cached: count,
  /** The place that the request would get in the queue, 1 is next; null when a slot is free. */
  queuePosition: z.int().positive().nullable(),
  /**
   * From getting a slot to the end of the prefill, beside the requests that run now; null until the model has read a
   * prompt. Requests that arrive later are not counted.
   */
  prefillMs: milliseconds.nullable(),
  /**
   * From the request to the first token, beside the requests that run now; null until the model has read a prompt, and
   * null when the request would have to queue, since the length of other answers is unknown.
   */
  timeToFirstTokenMs: milliseconds.nullable(),
  /** Prompt tokens of each of the request's `spans`, in their order, and how many of them are cached; see `SpanEvent`. */
  spans: z
    .array(z.object({ name: z.string(), tokens: count, cached: count, estimated: z.boolean().optional() }))
    .optional(),
});

export type Estimate = z.infer<typeof estimate>;
