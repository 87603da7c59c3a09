import { z } from 'zod';

/** How a model computes: what it got of the settings that it was opened with. */
const modelCompute = z.object({
  /** Type of the keys in the slots' memory: `f16`, `q8_0`, … */
  keyType: z.string(),
  /** Type of the values. */
  valueType: z.string(),
  flashAttention: z.boolean(),
  /** Most prompt tokens in one batch. */
  batchSize: z.int().positive(),
  /** Layers on a GPU. */
  gpuLayers: z.int().nonnegative(),
  /** Layers in all, the output layer included. */
  layers: z.int().nonnegative(),
  /** Whether the weights are locked in RAM. */
  locked: z.boolean(),
});

export type ModelCompute = z.infer<typeof modelCompute>;

/** How long a decode step of one stream took with one count of threads, on an otherwise idle model. */
const decodeTrial = z.object({
  threads: z.int().positive(),
  /** What one in four trials stayed under, i.e. those that no other program held up, in ms. */
  ms: z.number().nonnegative(),
});

export type DecodeTrial = z.infer<typeof decodeTrial>;

/** What reading prompts costs the streams that a model writes meanwhile, as measured lately. Times are in ms. */
const interference = z.object({
  /** Longest time that a chunk may take now while streams write. */
  budgetMs: z.number().nonnegative(),
  /** Tokens of the last chunk that was read beside streams. */
  chunkTokens: z.int().positive(),
  /** How long that chunk took. */
  chunkMs: z.number().nonnegative(),
  /** Median time between two tokens of a stream while no prompt is read; null until measured. */
  decodeMs: z.number().nonnegative().nullable(),
  /** Longest time between two tokens of a stream around one of the last 64 chunks. */
  gapMs: z.number().nonnegative(),
});

export type Interference = z.infer<typeof interference>;

/** What a model that another server runs can and cannot show. */
const remoteModel = z.object({
  /** The servers that run it. Never their addresses. */
  upstreams: z.array(
    z.object({
      name: z.string(),
      /** The kind of server, such as `vllm`. */
      dialect: z.string(),
      state: z.enum(['up', 'busy', 'probing', 'down', 'draining']),
      /** Requests there now. */
      running: z.int().nonnegative(),
      /** Prompt tokens that were sent there and are not read yet. */
      outstandingTokens: z.int().nonnegative(),
      /** Why it is down; left out when it is up. */
      error: z.string().optional(),
    }),
  ),
  /** Whether the servers report how far they have read a prompt; else it is estimated from past prompts. */
  progress: z.enum(['reported', 'estimated']),
  /** What requests cannot have there, in the names of their fields, such as `responseFormat: grammar`. */
  lacks: z.array(z.string()),
  /** What all of the servers can do. A model that this gateway runs itself can do all of it. */
  capabilities: z.object({
    /** `tokenize` and `detokenize`. */
    tokenizer: z.boolean(),
    /** `detokenize` refuses a token that is not in the vocabulary by its index; else the server says what it likes. */
    vocabulary: z.boolean(),
    /** `applyTemplate`. */
    chatTemplate: z.boolean(),
    /** The prompt's tokens are counted before it is read; else `total` is a guess, and `usage` has the count. */
    tokenCounts: z.boolean(),
    /** `estimate` asks the server what it has cached; else that is a guess. */
    estimates: z.boolean(),
    /** `stopString` tells which stop string ended the answer. */
    stopString: z.boolean(),
    /** Several choices share one prefill; else each has a request of its own. */
    sharedPrefill: z.boolean(),
    /** One key's prompts are never cached for another's; else a client may see that others sent the same beginning. */
    cachePerOwner: z.boolean(),
    /** A cancelled generation ends when its slot there is free, so that a retry reuses what was read. */
    cancelConfirmed: z.boolean(),
  }),
});

export type RemoteModel = z.infer<typeof remoteModel>;

/** A model that a gateway serves. */
export const modelInfo = z.object({
  /** The name that requests use in `model`. */
  id: z.string(),
  /**
   * `loading` until the model can serve requests; `failed` when it cannot be loaded; `unloaded` until a request asks for
   * it; `unloading` while its memory is freed.
   */
  state: z.enum(['loading', 'ready', 'failed', 'unloaded', 'unloading']),
  /** In the state `loading`: the share of the weights that is in memory. Left out while unknown. */
  loaded: z.number().min(0).max(1).optional(),
  /** Whether the model is loaded when a request asks for it. Left out until its file is known, and for other models. */
  onDemand: z.boolean().optional(),
  /** Memory that the model takes now, in bytes; null while it is not loaded; left out where it is not measured. */
  memoryBytes: z.number().nonnegative().nullable().optional(),
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
  /**
   * As measured when `threads` was chosen, fewest threads first, without counts that were given up; left out where the
   * operator set the threads, where a GPU or one core computes, and where a busy machine left no time.
   */
  decodeTrials: z.array(decodeTrial).optional(),
  /** The device that runs the model: `cpu`, `cuda`, `metal`, `vulkan`; null when unknown. */
  device: z.string().nullable(),
  /** llama.cpp's binary: `prebuilt` as installed, or `built` for this machine by `headway build`; left out when unknown. */
  binary: z.enum(['prebuilt', 'built']).optional(),
  /** Left out until the model is loaded, and by backends that do not say. */
  compute: modelCompute.optional(),
  /** Left out for a model that this gateway runs itself. */
  remote: remoteModel.optional(),
  /** Left out until the model has read a prompt beside streams. */
  interference: interference.optional(),
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
  /** Whether every model is loaded, or loaded on demand, and the gateway accepts requests. */
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
  /** The memory of the models that are loaded on demand, in bytes. Left out where it has no limit. */
  memory: z.object({ limit: z.number().positive(), used: z.number().nonnegative() }).optional(),
});

export type Status = z.infer<typeof status>;
