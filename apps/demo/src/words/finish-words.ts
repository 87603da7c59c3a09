import type { FinishReason } from '@headway/client';

/** Why an answer ended, as people say it. */
export const finishWords = {
  stop: 'finished',
  length: 'reached the length limit',
  'tool-calls': 'asked for a tool',
  cancelled: 'stopped by you',
} as const satisfies Record<FinishReason, string>;
