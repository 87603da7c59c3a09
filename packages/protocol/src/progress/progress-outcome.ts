import type { ProgressSnapshot } from './progress-snapshot.ts';

/** How a generation ended, as a colour: `good` is green, `stopped` amber, `failed` red. */
export type ProgressMood = 'good' | 'stopped' | 'failed';

type Outcome = NonNullable<ProgressSnapshot['outcome']>;

/** Of two choices' outcomes the worse: an error, then a cancel, then an answer that was cut, then a whole one. */
export function worseOutcome(a: Outcome | null, b: Outcome): Outcome {
  return a !== null && badness(a) >= badness(b) ? a : b;
}

function badness(outcome: Outcome): number {
  const place = ['tool-calls', 'stop', 'length', 'cancelled'].indexOf(outcome);
  return place === -1 ? Number.POSITIVE_INFINITY : place;
}

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
