import { z } from 'zod';

/** A model that a gateway serves. */
export const modelInfo = z.object({
  /** The name that requests use in `model`. */
  id: z.string(),
  /** `loading` until the model can serve requests; `failed` when it cannot be loaded. */
  state: z.enum(['loading', 'ready', 'failed']),
  /** Why loading failed, or why the model is loaded again. */
  error: z.string().optional(),
  backend: z.string(),
  /** Tokens that prompt and answer may have together; null until loaded. */
  contextSize: z.int().positive().nullable(),
  /** Requests that run at once; the others queue. */
  slots: z.int().positive(),
  /** Number of weights; null when unknown. */
  parameters: z.number().nonnegative().nullable(),
  /** Size of the weights, in bytes; null when unknown. */
  sizeBytes: z.number().nonnegative().nullable(),
  /** Threads for decode; null when unknown. */
  threads: z.int().positive().nullable(),
  /** Threads for prefill; null when unknown. */
  prefillThreads: z.int().positive().nullable(),
  /** The device that runs the model: `cpu`, `cuda`, `metal`, `vulkan`; null when unknown. */
  device: z.string().nullable(),
  /** llama.cpp's binary: `prebuilt` as installed, or `built` for this machine by `headway build`; left out when unknown. */
  binary: z.enum(['prebuilt', 'built']).optional(),
  /** Notices about loading, a sentence each, such as a context that is smaller than requested. */
  notices: z.array(z.string()).optional(),
});

export type ModelInfo = z.infer<typeof modelInfo>;

/** The state of a gateway. */
export const status = z.object({
  /** The version of this wire contract. */
  protocol: z.literal(1),
  /** The version of Headway. */
  version: z.string(),
  /** Whether every model is loaded and the gateway accepts requests. */
  ready: z.boolean(),
  uptimeMs: z.number().nonnegative(),
  slots: z.object({ total: z.int().nonnegative(), busy: z.int().nonnegative() }),
  queued: z.int().nonnegative(),
  models: z.array(modelInfo),
  /** Whether the gateway is shutting down: it finishes running generations and refuses new requests. */
  draining: z.boolean(),
  /** The engine's own process; null when the engine runs in the gateway's process. */
  engine: z
    .object({
      /** How often it was restarted. */
      restarts: z.int().nonnegative(),
      /** Why it last crashed, phrased to follow "the engine"; null when it never has. */
      lastCrash: z.string().nullable(),
    })
    .nullable(),
});

export type Status = z.infer<typeof status>;
