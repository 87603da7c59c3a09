import type { Circuit } from './circuit.ts';

/** What decides when an upstream is checked next. Times in ms. */
export interface CheckNeeds {
  circuit: Circuit;
  draining: boolean;
  /** Whether it never answered, or may be another server by now. */
  outdated: boolean;
  /** Whether a request has failed since the last check began. */
  suspect: boolean;
  /** Whether it left the last check unanswered while it worked. */
  silent: boolean;
  /** Places taken. */
  running: number;
  /** When it last answered anything. */
  lastSign: number;
  /** When the last check ended. */
  lastCheck: number;
}

export interface CheckIntervals {
  /** Of an upstream that does not answer. */
  checkEveryMs: number;
  /** Of one that does, as long as its requests say nothing about it. */
  idleCheckMs: number;
}

/**
 * When to check an upstream, as a time that may have passed; null: not now. Requests tell most: a check finds out what
 * they cannot, whether one that failed is back, and whether one that nobody uses still answers.
 */
export function nextCheck(needs: CheckNeeds, { checkEveryMs, idleCheckMs }: CheckIntervals): number | null {
  const { circuit, draining, outdated, suspect, silent, running, lastSign, lastCheck } = needs;
  if (draining) return null;
  if (circuit.state === 'open') return circuit.until;
  if (suspect) return Number.NEGATIVE_INFINITY;
  if (outdated) return lastCheck + checkEveryMs;
  if (silent) return running > 0 ? lastCheck + checkEveryMs : Number.NEGATIVE_INFINITY;
  return lastSign + idleCheckMs;
}
