import type { ErrorCode } from '@headway/client';

/**
 * Whether the user can mend an error: by changing the message, by waiting, by starting the gateway again. The rest failed
 * inside the gateway or behind it.
 */
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
  'generation-timeout': 'mend',
  'generation-not-found': 'mend',
  abandoned: 'mend',
  'engine-crashed': 'failure',
  'upstream-failed': 'failure',
  'connection-lost': 'mend',
  'slow-consumer': 'mend',
  'shutting-down': 'mend',
  internal: 'failure',
} as const satisfies Record<ErrorCode, 'mend' | 'failure'>;
