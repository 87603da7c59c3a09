import type { Neighbours, ReadingCost } from './fit-readings.ts';

/** How far a prompt is read by the estimate. */
export interface ReadingProgress {
  /** Tokens read, the cached ones included; beyond the prompt's end when it takes longer than expected. */
  position: number;
  /** What has passed of the fixed time, in ms; infinite after a wait for earlier prompts, in which all of it passes. */
  fixedMs: number;
}

/** Up to this share of the prompt the estimate is shown as it is; above, it nears `mostShown` and never reaches it. */
const shownAsIs = 0.9;

/** Of the fixed time, what passes before the first token is read: the request's way there. The rest comes after. */
const shareBefore = 0.5;

/** The largest share shown before the first token. */
const mostShown = 0.99;

/** The progress `ms` later, beside these neighbours. */
export function readOn(progress: ReadingProgress, ms: number, cost: ReadingCost, neighbours: Neighbours) {
  const before = Math.min(ms, Math.max(0, shareBefore * cost.fixed - progress.fixedMs));
  const tokens = tokensIn(ms - before, speedAt(progress.position, cost, neighbours), cost.before);
  return { position: progress.position + tokens, fixedMs: progress.fixedMs + before };
}

/** The time until the prompt is read up to `to`, in ms; what is beyond its end counts as 0. */
export function msLeft(
  { position, fixedMs }: ReadingProgress,
  to: number,
  cost: ReadingCost,
  neighbours: Neighbours,
): number {
  const tokens = Math.max(0, to - position);
  const reading = tokens * (speedAt(position, cost, neighbours) + (cost.before * tokens) / 2);
  return Math.max(0, cost.fixed - fixedMs) + reading;
}

/** The share to show of an estimated one: never falls when it rises, less than 0.99. */
export function shownShare(share: number): number {
  if (share <= shownAsIs) return Math.max(0, share);
  const room = mostShown - shownAsIs;
  return shownAsIs + room * (1 - Math.exp((shownAsIs - share) / room));
}

/** Milliseconds a token at this position. */
function speedAt(position: number, { token, before, writer, reader }: ReadingCost, neighbours: Neighbours): number {
  return token + before * position + writer * neighbours.writing + reader * neighbours.reading;
}

/** Solves `ms = tokens · (msPerToken + before · tokens / 2)`, in the form that also holds for `before` near 0. */
function tokensIn(ms: number, msPerToken: number, before: number): number {
  return ms > 0 ? (2 * ms) / (msPerToken + Math.sqrt(msPerToken ** 2 + 2 * before * ms)) : 0;
}
