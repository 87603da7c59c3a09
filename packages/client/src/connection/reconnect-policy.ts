/** A time without a working connection. */
export interface Outage {
  /** When it began, in ms of a monotonic clock. */
  since: number;
  /** Whether a working connection was lost; false before the first one. */
  lost: boolean;
  /** Failed attempts since then. */
  failures: number;
}

export interface Attempt {
  /** How long to wait before the attempt, in ms. */
  afterMs: number;
  /** How long the attempt may take, in ms. */
  timeoutMs: number;
}

export interface AttemptLimits {
  /** The current time, on the clock of `Outage.since`. */
  now: number;
  /** How long an outage may last. */
  limitMs: number;
  /** How many attempts to make for the first connection. @default no limit */
  firstAttempts?: number | undefined;
  /** From 0 to 1. */
  random: number;
}

/** An attempt without a reply by then gets none; the next one may use another transport. */
const attemptMs = 4_000;
/** Keeps a call that waits for the first connection from waiting longer than it must. */
const longestFirstDelayMs = 500;
/** Spreads the clients of a gateway that returns over this time. */
const longestDelayMs = 5_000;

/**
 * When to make the next attempt; null to give up. The client gives up when `limitMs` have passed and the last attempt
 * failed. A machine that slept longer than `limitMs` still makes one attempt.
 */
export function nextAttempt(
  { since, lost, failures }: Outage,
  { now, limitMs, firstAttempts = Number.POSITIVE_INFINITY, random }: AttemptLimits,
): Attempt | null {
  const left = limitMs - (now - since);
  if (lost) {
    if (left <= 0 && failures > 0) return null;
    return { afterMs: Math.min(reconnectDelay(failures, random), Math.max(left, 0)), timeoutMs: attemptMs };
  }
  if (failures >= firstAttempts) return null;
  const afterMs = failures === 0 ? 0 : Math.min(reconnectDelay(failures, random), longestFirstDelayMs);
  if (failures > 0 && afterMs >= left) return null;
  const rest = Math.max(left - afterMs, 0);
  // The last attempt may take all the time that is left.
  return { afterMs, timeoutMs: failures + 1 >= firstAttempts ? rest : Math.min(attemptMs, rest) };
}

/** Doubles after each failure, up to 5 s. Half of it is random, so that clients that lost a gateway together return apart. */
export function reconnectDelay(failures: number, random: number): number {
  return Math.min(50 * 2 ** failures, longestDelayMs) * (0.5 + random / 2);
}
