export interface ThrottleOptions {
  /** Reports when this many ms have passed since the last report. @default 50 */
  everyMs?: number;
  /** Reports when this many tokens have been written since the last report, if that comes first. @default 4 */
  everyTokens?: number;
  /** The most reports a second; it overrides the other two. @default 60 */
  maxPerSecond?: number;
}

export interface SinceLastReport {
  /** Null before the first report. */
  ms: number | null;
  tokens: number;
  /** Whether this is the last event. */
  final: boolean;
}

/** Whether to report now. The first and the final report always pass the throttle. */
export function shouldReport(
  { ms, tokens, final }: SinceLastReport,
  { everyMs = 50, everyTokens = 4, maxPerSecond = 60 }: ThrottleOptions,
): boolean {
  if (final || ms === null) return true;
  if (ms < 1000 / maxPerSecond) return false;
  return ms >= everyMs || tokens >= everyTokens;
}

/** Time in ms until the throttle lets a report pass without new tokens, `ms` after the last report. */
export function timeToNextReport(ms: number, { everyMs = 50, maxPerSecond = 60 }: ThrottleOptions): number {
  return Math.max(everyMs, 1000 / maxPerSecond) - ms;
}
