import type { ProgressSnapshot } from './progress-snapshot.ts';

/** How a generation ended, for a colour: `good` is green, `stopped` amber, `failed` red. */
export type ProgressMood = 'good' | 'stopped' | 'failed';

type Outcome = NonNullable<ProgressSnapshot['outcome']>;

/** The worse of two choices' outcomes. From worst to best: an error, `cancelled`, `length`, `stop`, `tool-calls`. */
export function worseOutcome(a: Outcome | null, b: Outcome): Outcome {
  return a !== null && badness(a) >= badness(b) ? a : b;
}

function badness(outcome: Outcome): number {
  const place = ['tool-calls', 'stop', 'length', 'cancelled'].indexOf(outcome);
  return place === -1 ? Number.POSITIVE_INFINITY : place;
}

/** Null while the generation runs. */
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
