import type { ProgressSnapshot } from './progress-snapshot.ts';

/** How a generation ended, as a colour: `good` is green, `stopped` amber, `failed` red. */
export type ProgressMood = 'good' | 'stopped' | 'failed';

/** Null while it goes on. */
export function moodOf({ isFinal, outcome }: ProgressSnapshot): ProgressMood | null {
  if (!isFinal || outcome === null) return null;
  switch (outcome) {
    case 'stop':
    case 'length':
    case 'tool-calls':
      return 'good';
    case 'cancelled':
      return 'stopped';
    default:
      return 'failed';
  }
}
