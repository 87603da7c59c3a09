import type { ErrorCode } from '@headway/client';

/** A short title for each error code. The detail below it says what to do. */
export const errorTitle = {
  'invalid-request': 'The gateway did not accept this message',
  unauthorized: 'The gateway needs a key',
  forbidden: 'The gateway does not serve this page',
  'rate-limited': 'Too many messages at once',
  conflict: 'This answer is already being written',
  'model-not-found': 'The gateway does not have this model',
  'model-load-failed': 'The model could not be loaded',
  'context-overflow': 'Too long for this model',
  'queue-full': 'The queue is full',
  'queue-timeout': 'The wait in the queue was too long',
  'generation-timeout': 'The answer took too long',
  'generation-not-found': 'The gateway no longer has this answer',
  abandoned: 'The connection was lost for too long',
  'engine-crashed': 'The engine stopped unexpectedly',
  'upstream-failed': 'The server behind the gateway failed',
  'connection-lost': 'The gateway cannot be reached',
  'slow-consumer': 'This page could not keep up',
  'shutting-down': 'The gateway is shutting down',
  internal: 'Something went wrong inside the gateway',
} as const satisfies Record<ErrorCode, string>;
