/** The least and the most of each number of `headway serve`, for its flags and for its config file. */
export const serveBounds = {
  port: [0, 65_535],
  /** Slots of a model. */
  parallel: [1, 64],
  /** Tokens. */
  ctx: [16, 16_777_216],
  maxQueue: [0, 100_000],
  /** Seconds. */
  queueTimeout: [1, 86_400],
  /** Milliseconds. */
  itlBudget: [1, 60_000],
  threads: [1, 1024],
  gpuLayers: [0, 9999],
  /** Tokens. */
  batchSize: [64, 8192],
  /** Seconds. */
  grace: [0, 86_400],
  /** Seconds. */
  generationTime: [1, 604_800],
  generationTokens: [1, 1_000_000_000],
  /** Seconds. */
  drain: [0, 86_400],
  /** Seconds. */
  ttl: [1, 604_800],
  /** Requests that one upstream works on at once. */
  concurrency: [1, 4096],
} as const;

export const engineChoices = ['isolated', 'inline'] as const;

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
