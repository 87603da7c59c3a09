import type { UpstreamSignal } from '../stream/upstream-signal.ts';
import type { Answer, Ask } from '../http/upstream-http.ts';
import { readMetric } from './read-metric.ts';

/** The upstream, as far as it is watched. */
interface Watched {
  ask: (path: string, ask: Ask) => Promise<Answer>;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Time between two looks at the metrics while requests wait, in ms. */
const lookEveryMs = 250;
/** When the first looks come: a request that was just sent may not be in the queue yet. In ms, each after the one before. */
const firstLooksMs = [20, 60];

/**
 * Looks at a server's metrics and reports that requests wait there, until none does. The metric counts all requests, so
 * it tells no place. Ends soon where nothing waits, or where the server has no such metric.
 */
export async function watchQueue(
  metric: string,
  { ask, sleep }: Watched,
  onSignal: (signal: UpstreamSignal) => void,
  signal: AbortSignal,
): Promise<void> {
  let waited = false;
  for (let look = 0; ; look++) {
    await sleep((waited ? undefined : firstLooksMs[look]) ?? lookEveryMs, signal);
    const answer = await ask('metrics', { signal });
    const waiting = readMetric(await answer.text(), metric);
    if (answer.status !== 200 || waiting === null) return;
    if (waiting > 0) {
      waited = true;
      onSignal({ type: 'queued', position: null });
    } else if (waited || look >= firstLooksMs.length - 1) return;
  }
}
