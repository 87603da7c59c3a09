import { z } from 'zod';

/** A model that a gateway serves. */
export const modelInfo = z.object({
  /** What requests call it by. */
  id: z.string(),
  /** `loading` until it can take a request; `failed` when it never will. */
  state: z.enum(['loading', 'ready', 'failed']),
  /** Why it failed, or why it is loaded again. */
  error: z.string().optional(),
  backend: z.string(),
  /** Tokens that prompt and answer may have together; null until loaded. */
  contextSize: z.int().positive().nullable(),
  /** Requests it works on at once; the others queue. */
  slots: z.int().positive(),
  /** Weights, in numbers; null when unknown. */
  parameters: z.number().nonnegative().nullable(),
  /** Weights, in bytes; null when unknown. */
  sizeBytes: z.number().nonnegative().nullable(),
  /** Threads that decode; null when unknown. */
  threads: z.int().positive().nullable(),
  /** Threads that read prompts; null when unknown. */
  prefillThreads: z.int().positive().nullable(),
  /** Where the model computes: `cpu`, `cuda`, `metal`, `vulkan`; null when unknown. */
  device: z.string().nullable(),
  /** What to know of how it was loaded, a sentence each; a context smaller than was asked for, say. */
  notices: z.array(z.string()).optional(),
});

export type ModelInfo = z.infer<typeof modelInfo>;

/** How a gateway is. */
export const status = z.object({
  /** The version of this wire contract. */
  protocol: z.literal(1),
  /** The version of Headway. */
  version: z.string(),
  /** Whether every model is loaded, and requests are taken. */
  ready: z.boolean(),
  uptimeMs: z.number().nonnegative(),
  slots: z.object({ total: z.int().nonnegative(), busy: z.int().nonnegative() }),
  queued: z.int().nonnegative(),
  models: z.array(modelInfo),
  /** Whether it finishes what runs and takes nothing more. */
  draining: z.boolean(),
  /** The engine's own process; null when it shares the gateway's. */
  engine: z
    .object({
      /** How often it was started again. */
      restarts: z.int().nonnegative(),
      /** Why it ended the last time, in words that go on from "the engine"; null when it never has. */
      lastCrash: z.string().nullable(),
    })
    .nullable(),
});

export type Status = z.infer<typeof status>;
