import type { UpstreamSignal } from '../stream/upstream-signal.ts';
import type { Answer, Ask } from '../http/upstream-http.ts';
import { readMetric } from './read-metric.ts';

/** The upstream, as far as it is watched. */
interface Watched {
  ask: (path: string, ask: Ask) => Promise<Answer>;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Time between two looks at the metrics, in ms. */
const lookEveryMs = 250;

/**
 * Looks at a server's metrics and reports that requests wait there, until none does. The metric counts all requests, so
 * it tells no place. Ends at once where the server has no such metric.
 */
export async function watchQueue(
  metric: string,
  { ask, sleep }: Watched,
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
