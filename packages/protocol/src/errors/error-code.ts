/** Every way in which a request can fail, on every surface. */
export const errorCodes = [
  'invalid-request',
  'unauthorized',
  'forbidden',
  'rate-limited',
  'conflict',
  'model-not-found',
  'model-load-failed',
  'context-overflow',
  'queue-full',
  'queue-timeout',
  'generation-timeout',
  'generation-not-found',
  'abandoned',
  'engine-crashed',
  'upstream-failed',
  'connection-lost',
  'slow-consumer',
  'shutting-down',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];
