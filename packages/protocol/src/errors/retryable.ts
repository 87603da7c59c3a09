import type { ErrorCode } from './error-code.ts';

/** Whether the same request may succeed when the client sends it again unchanged. */
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
