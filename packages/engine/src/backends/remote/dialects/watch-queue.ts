import type { UpstreamSignal } from '../stream/upstream-signal.ts';
import type { DialectContext } from './dialect.ts';
import { readMetric } from './prometheus.ts';

/** Time between two looks at the metrics, in ms. */
const lookEveryMs = 250;

/**
 * Looks at a server's metrics and reports that requests wait there, until none does. The metric counts all requests, so
 * it tells no place. Ends at once where the server has no such metric.
 */
export async function watchQueue(
  metric: string,
  { ask, sleep }: DialectContext,
  onSignal: (signal: UpstreamSignal) => void,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const answer = await ask('metrics', { signal });
    const waiting = readMetric(await answer.text(), metric);
    if (answer.status !== 200 || waiting === null || waiting === 0) return;
    onSignal({ type: 'queued', position: null });
    await sleep(lookEveryMs, signal);
  }
}
