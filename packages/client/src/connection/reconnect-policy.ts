/** The time without a working connection. */
export interface Outage {
  /** When it began, in milliseconds of a clock that never goes back. */
  since: number;
  /** Whether a connection that worked was lost; else there has been none yet. */
  lost: boolean;
  /** Attempts that came to nothing. */
  failures: number;
}

export interface Attempt {
  /** How long to wait before it. */
  afterMs: number;
  /** How long to wait for its success. */
  withinMs: number;
}

/** An attempt that has no answer by then gets none: the next one may take another road. */
const attemptMs = 4_000;
/** What a call that waits for its first connection should not wait longer for. */
const longestFirstDelayMs = 500;
/** A gateway that comes back finds its clients within this time, and not all at once. */
const longestDelayMs = 5_000;

/**
 * When to try next, or null to give up: when `limitMs` have passed and the last attempt failed. A machine that slept
 * through the limit still makes one.
 *
 * @param random from 0 to 1
 */
export function nextAttempt(
  { since, lost, failures }: Outage,
  { now, limitMs, random }: { now: number; limitMs: number; random: number },
): Attempt | null {
  const left = limitMs - (now - since);
  if (lost) {
    if (left <= 0 && failures > 0) return null;
    return { afterMs: Math.min(reconnectDelay(failures, random), Math.max(left, 0)), withinMs: attemptMs };
  }
  const afterMs = failures === 0 ? 0 : Math.min(reconnectDelay(failures, random), longestFirstDelayMs);
  if (failures > 0 && afterMs >= left) return null;
  return { afterMs, withinMs: Math.min(attemptMs, Math.max(left - afterMs, 0)) };
}

/** Twice as long after each failure, and half of it by chance, so that clients lost together do not come together. */
export function reconnectDelay(failures: number, random: number): number {
  return Math.min(50 * 2 ** failures, longestDelayMs) * (0.5 + random / 2);
}
