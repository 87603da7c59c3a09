import { z } from 'zod';

import { generationId } from './generation-id.ts';
import { generationInfo } from './generation-info.ts';
import { lifecycle } from './lifecycle.ts';
import { modelInfo } from './model-info.ts';

const count = z.int().nonnegative();
const bytes = z.number().nonnegative();

/** A slot of a model. */
const slotActivity = z.object({
  busy: z.boolean(),
  /** The caller's request that has the slot; null for another caller's, and when the slot is idle. */
  generation: generationId.nullable(),
  /**
   * Tokens in its memory that the caller's prompts can reuse; those of other callers do not count. Null for a model that
   * another server runs.
   */
  heldTokens: count.nullable(),
});

export type SlotActivity = z.infer<typeof slotActivity>;

/** A model and what its slots do. */
const modelActivity = modelInfo.pick({ id: true, state: true, loaded: true, memoryBytes: true, error: true }).extend({
  /** Tokens that one slot holds; null until known. */
  contextSize: modelInfo.shape.contextSize,
  /** Size of the weights, in bytes; null when unknown. */
  sizeBytes: bytes.nullable(),
  slots: z.array(slotActivity),
  /** Requests that wait for the model or for one of its slots, those of all callers. */
  queued: count,
});

export type ModelActivity = z.infer<typeof modelActivity>;

/** A request that waits. */
const queuedActivity = z.object({
  /** The caller's request; null for another caller's. */
  generation: generationId.nullable(),
  /** The model's id. */
  model: z.string(),
  /** What it waits for: a slot (`queued`), or its model (`loading`). */
  phase: lifecycle.extract(['queued', 'loading']),
  /** Its place in the model's queue, 1 is next; null while it has none. */
  place: z.int().positive().nullable(),
  /** How long it has waited, in ms. */
  waitedMs: count,
});

export type QueuedActivity = z.infer<typeof queuedActivity>;

/** What all callers together have read and written lately, in equal intervals, the oldest first. */
const tokenRates = z.object({
  /** Length of an interval, in ms. */
  intervalMs: z.int().positive(),
  /** Prompt tokens that were evaluated in each interval, a second; cached ones do not count. */
  prefill: z.array(z.number().nonnegative()),
  /** Tokens that were written in each interval, a second. */
  decode: z.array(z.number().nonnegative()),
});

export type TokenRates = z.infer<typeof tokenRates>;

/**
 * What a gateway does now, and how fast it was in the last minutes. Of other callers it tells that they use slots and
 * wait, and no id or text.
 */
export const activity = z.object({
  /** The default model first. */
  models: z.array(modelActivity),
  /** The requests that wait, by model and place; at most the first 256. `queued` of each model counts all. */
  queue: z.array(queuedActivity),
  /** The caller's requests that wait or run, the newest first; at most 256. */
  generations: z.array(generationInfo),
  /** Of the whole gateway, in the time of `rates`. */
  rates: tokenRates,
  /** Prompt tokens of the requests that began in the time of `rates`, and how many of them were cached. */
  cache: z.object({ promptTokens: count, cachedTokens: count }),
  connections: z.object({
    /** Open WebSockets; left out where the gateway does not know. */
    sockets: count.optional(),
    /** Clients that read a generation's events, over sockets and HTTP. */
    viewers: count,
  }),
  /** The memory of the models that are loaded on demand, in bytes. Left out where it has no limit. */
  memory: z.object({ limit: bytes, used: bytes }).optional(),
});

export type Activity = z.infer<typeof activity>;
