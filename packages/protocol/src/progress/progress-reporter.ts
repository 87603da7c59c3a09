import type { GenerationEvent } from '../schema/events/event.ts';
import { endsStream, isTerminal } from '../generation/terminal-event.ts';
import { worseOutcome } from './progress-outcome.ts';
import { firstSnapshot, nextSnapshot, stalledSnapshot, type ProgressSnapshot } from './progress-snapshot.ts';
import type { ProgressHook } from './progress-hook.ts';
import { shouldReport, timeToNextReport, type ThrottleOptions } from './progress-throttle.ts';
import { StallWatch } from './stall-watch.ts';

export interface ProgressOptions extends ThrottleOptions {
  /** Keeps the text in the snapshots. @default false */
  captureText?: boolean;
  /**
   * Whether a hook that throws rejects the generation's `result()` after its end. Otherwise the first error is reported
   * as a process warning in Node, or on the console in browsers. @default false
   */
  strict?: boolean;
}

export interface ReporterOptions extends ProgressOptions {
  /** The request's limit, over all choices. @default null */
  maxTokens?: number | null;
  /** The request's `progressIntervalMs`. @default 0 */
  progressIntervalMs?: number | undefined;
  /** Milliseconds since any fixed moment. @default `performance.now` */
  now?: () => number;
}

/** Takes each event. Returns a promise with the last event if `strict`: `result()` waits for it. */
export type ProgressReporter = (event: GenerationEvent) => Promise<void> | undefined;

/**
 * Turns one generation's events into throttled calls of a hook. A snapshot that the throttle holds back is reported as
 * soon as the throttle allows, even if no event follows. After 2 s without an event the hook is called with `stalledMs`
 * and without `etaMs`. A hook that throws or rejects never stops the generation; with `strict` the promise of the last
 * event rejects with the hook's first error.
 */
export function createProgressReporter(
  hook: ProgressHook,
  { maxTokens, progressIntervalMs, now = () => performance.now(), ...options }: ReporterOptions = {},
): ProgressReporter {
  const start = now();
  const unsettled = new Set<Promise<void>>();
  let snapshot: ProgressSnapshot = firstSnapshot({ maxTokens, captureText: options.captureText });
  let worst: ProgressSnapshot['outcome'] = null;
  let reportedAt: number | null = null;
  let reportedTokens = 0;
  let failure: { thrown: unknown } | null = null;
  let trailing: ReturnType<typeof setTimeout> | undefined;

  const fail = (thrown: unknown) => {
    if (!failure && !options.strict) warn(thrown);
    failure ??= { thrown };
  };

  const report = () => {
    clearTimeout(trailing);
    trailing = undefined;
    reportedAt = now();
    reportedTokens = snapshot.completionTokens;
    try {
      const answer = hook(snapshot);
      if (!isThenable(answer)) return;
      const settled: Promise<void> = Promise.resolve(answer).then(
        () => void unsettled.delete(settled),
        (thrown: unknown) => {
          unsettled.delete(settled);
          fail(thrown);
        },
      );
      if (options.strict) unsettled.add(settled);
    } catch (thrown) {
      fail(thrown);
    }
  };

  const reportLater = () => {
    const ms = Math.ceil(timeToNextReport(now() - (reportedAt ?? 0), options));
    if (trailing !== undefined || ms > longestTimer) return;
    trailing = setTimeout(() => {
      trailing = undefined;
      // Timers may fire a fraction of a millisecond early.
      if (timeToNextReport(now() - (reportedAt ?? 0), options) > 0) reportLater();
      else report();
    }, ms);
    // An outstanding report must not keep the process alive.
    if (typeof trailing === 'object') trailing.unref?.();
  };

  const reportInTime = (final: boolean) => {
    const ms = reportedAt === null ? null : now() - reportedAt;
    const since = { ms, tokens: snapshot.completionTokens - reportedTokens, final };
    if (shouldReport(since, options)) report();
    else reportLater();
  };

  const watch = new StallWatch({
    progressIntervalMs,
    now,
    onStall(stalledMs) {
      snapshot = stalledSnapshot(snapshot, stalledMs, now() - start);
      reportInTime(false);
    },
  });

  return (event) => {
    watch.saw(event);
    if (isTerminal(event)) worst = worseOutcome(worst, event.type === 'done' ? event.finishReason : event.code);
    const final = endsStream(event);
    snapshot = { ...nextSnapshot(snapshot, event, now() - start), outcome: final ? worst : null };
    reportInTime(final);
    if (!final || !options.strict) return undefined;
    return Promise.all(unsettled).then(() => {
      if (failure) throw failure.thrown;
    });
  };
}

/** The longest delay of a timer, in ms; with a longer one it fires at once. */
const longestTimer = 2 ** 31 - 1;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function warn(thrown: unknown): void {
  const reason = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const warning = `a progress hook threw; the generation continues: ${reason}`;
  // Bundlers may give pages a `process` without `emitWarning`.
  if (typeof process === 'object' && typeof process.emitWarning === 'function')
    process.emitWarning(warning, 'HeadwayWarning');
  // oxlint-disable-next-line no-console -- browsers show warnings there
  else console.warn(warning);
}
