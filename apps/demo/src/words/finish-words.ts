import type { FinishReason } from '@headway/client';

/** The finish reasons in words for the user. */
export const finishWords = {
  stop: 'finished',
  length: 'reached the length limit',
  'tool-calls': 'asked for a tool',
  cancelled: 'stopped by you',
} as const satisfies Record<FinishReason, string>;
