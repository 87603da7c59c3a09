import type { ErrorCode } from '@headway/client';

/** Whether the user can mend an error by another message, model or key, or by a later try; anything else is a failure. */
export const errorTone = {
  'invalid-request': 'mend',
  unauthorized: 'mend',
  forbidden: 'failure',
  'rate-limited': 'mend',
  conflict: 'mend',
  'model-not-found': 'mend',
  'model-load-failed': 'failure',
  'context-overflow': 'mend',
  'queue-full': 'mend',
  'queue-timeout': 'mend',
  'generation-timeout': 'failure',
  'generation-not-found': 'failure',
  abandoned: 'failure',
  'engine-crashed': 'failure',
  'upstream-failed': 'failure',
  'connection-lost': 'failure',
  'slow-consumer': 'failure',
  'shutting-down': 'failure',
  internal: 'failure',
} as const satisfies Record<ErrorCode, 'mend' | 'failure'>;
