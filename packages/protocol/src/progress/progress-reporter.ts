import type { GenerationEvent } from '../event.ts';
import { endsStream } from '../terminal-event.ts';
import { firstSnapshot, nextSnapshot, type ProgressSnapshot } from './progress-snapshot.ts';
import type { ProgressHook } from './progress-target.ts';
import { shouldReport, type ThrottleOptions } from './progress-throttle.ts';

export interface ProgressOptions extends ThrottleOptions {
  /** Keeps the text in the snapshots. @default false */
  captureText?: boolean;
  /** A hook that throws rejects the generation's `result()` after its end; otherwise it is reported once, as a process warning in Node, on the console in browsers. @default false */
  strict?: boolean;
}

export interface ReporterOptions extends ProgressOptions {
  /** Tokens that the request allows. @default null */
  maxTokens?: number | null;
  /** Milliseconds since any fixed moment. @default `performance.now` */
  now?: () => number;
}

/**
 * Turns one generation's events into throttled calls of a hook. A hook that throws never stops the generation.
 *
 * @throws at the final event what the hook threw first, when `strict`
 */
export function createProgressReporter(
  hook: ProgressHook,
  { maxTokens, now = () => performance.now(), ...options }: ReporterOptions = {},
): (event: GenerationEvent) => void {
  const start = now();
  let snapshot: ProgressSnapshot = firstSnapshot({ maxTokens, captureText: options.captureText });
  let reportedAt: number | null = null;
  let reportedTokens = 0;
  let failure: { thrown: unknown } | null = null;

  const report = (time: number) => {
    reportedAt = time;
    reportedTokens = snapshot.completionTokens;
    try {
      hook(snapshot);
    } catch (thrown) {
      if (!failure && !options.strict) warn(thrown);
      failure ??= { thrown };
    }
  };

  return (event) => {
    const time = now();
    snapshot = nextSnapshot(snapshot, event, time - start);
    const since = {
      ms: reportedAt === null ? null : time - reportedAt,
      tokens: snapshot.completionTokens - reportedTokens,
      final: endsStream(event),
    };
    if (shouldReport(since, options)) report(time);
    if (endsStream(event) && failure && options.strict) throw failure.thrown;
  };
}

function warn(thrown: unknown): void {
  const reason = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const warning = `a progress hook threw; the generation goes on without minding it: ${reason}`;
  if (typeof process === 'object') process.emitWarning(warning, 'HeadwayWarning');
  // oxlint-disable-next-line no-console -- the place where pages look for warnings
  else console.warn(warning);
}
