import type { UpstreamSignal } from '../stream/upstream-signal.ts';
import { QueueWatch, type Watched } from './queue-watch.ts';

/** The watch of each upstream that was ever watched. */
const watches = new WeakMap<Watched, QueueWatch>();

/**
 * Looks at a server's metrics and reports that requests wait there, until none does. The metric counts all requests, so
 * it tells no place. Ends soon where nothing waits, or where the server has no such metric. All requests to one upstream
 * share the looks.
 *
 * @throws the error of a look; the signal's reason
 */
export function watchQueue(
  metric: string,
  upstream: Watched,
  onSignal: (signal: UpstreamSignal) => void,
  signal: AbortSignal,
): Promise<void> {
  let watch = watches.get(upstream);
  if (watch?.metric !== metric) {
    watch = new QueueWatch(metric, upstream);
    watches.set(upstream, watch);
  }
  return watch.join(() => onSignal({ type: 'queued', position: null }), signal);
}
