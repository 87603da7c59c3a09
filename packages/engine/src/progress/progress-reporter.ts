import { endsStream, type GenerationEvent } from '@headway/protocol';

import type { ProgressHook } from './progress-hook.ts';
import { firstSnapshot, nextSnapshot, type ProgressSnapshot } from './progress-snapshot.ts';
import { shouldReport, type ThrottleOptions } from './progress-throttle.ts';

export interface ProgressOptions extends ThrottleOptions {
  /** Keeps the text in the snapshots. @default false */
  captureText?: boolean;
  /** A hook that throws rejects the generation's `result()` after its end; otherwise it is reported once, as a process warning. @default false */
  strict?: boolean;
}

/**
 * Turns one generation's events into throttled calls of a hook. A hook that throws never stops the generation.
 *
 * @throws at the final event what the hook threw first, when `strict`
 */
export function createProgressReporter(
  hook: ProgressHook,
  options: ProgressOptions,
  now: () => number = () => performance.now(),
): (event: GenerationEvent) => void {
  let snapshot: ProgressSnapshot = firstSnapshot(options.captureText ?? false);
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
    snapshot = nextSnapshot(snapshot, event);
    const time = now();
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
  process.emitWarning(`a progress hook threw; the generation goes on without minding it: ${reason}`, 'HeadwayWarning');
}
