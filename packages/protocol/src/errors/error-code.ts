/** All error codes, for all APIs. */
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
