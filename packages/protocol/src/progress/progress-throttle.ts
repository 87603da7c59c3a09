export interface ThrottleOptions {
  /** Reports when this much time has passed since the last one. @default 50 */
  everyMs?: number;
  /** Or when this many tokens have been written since, whichever comes first. @default 4 */
  everyTokens?: number;
  /** On top: at most so many reports a second. @default 60 */
  maxPerSecond?: number;
}

export interface SinceLastReport {
  /** Null before the first report. */
  ms: number | null;
  tokens: number;
  /** Whether this is the last chance. */
  final: boolean;
}

/** Whether to report now. The first and the final report always pass. */
export function shouldReport(
  { ms, tokens, final }: SinceLastReport,
  { everyMs = 50, everyTokens = 4, maxPerSecond = 60 }: ThrottleOptions,
): boolean {
  if (final || ms === null) return true;
  if (ms < 1000 / maxPerSecond) return false;
  return ms >= everyMs || tokens >= everyTokens;
}

/** How long, in ms, until a report passes by time alone, `ms` after the last one. */
export function timeToNextReport(ms: number, { everyMs = 50, maxPerSecond = 60 }: ThrottleOptions): number {
  return Math.max(everyMs, 1000 / maxPerSecond) - ms;
}
