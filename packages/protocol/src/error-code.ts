import { z } from 'zod';

/** Every way in which a request can fail, on every surface. */
export const errorCode = z.enum([
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
]);

export type ErrorCode = z.infer<typeof errorCode>;

/** Whether the same request may succeed when it is sent again unchanged. */
export const retryableByDefault = {
  'invalid-request': false,
  unauthorized: false,
  forbidden: false,
  'rate-limited': true,
  conflict: false,
  'model-not-found': false,
  'model-load-failed': false,
  'context-overflow': false,
  'queue-full': true,
  'queue-timeout': true,
  'generation-timeout': false,
  'generation-not-found': false,
  abandoned: false,
  'engine-crashed': true,
  'upstream-failed': true,
  'connection-lost': true,
  'slow-consumer': true,
  'shutting-down': true,
  internal: false,
} as const satisfies Record<ErrorCode, boolean>;
