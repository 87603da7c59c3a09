import { systemClock } from '../../timing/clock.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

/** The ids of the models that a server lists. @throws HeadwayError `upstream-failed`; the signal's reason when it aborts */
export async function upstreamModels(options: UpstreamOptions, signal: AbortSignal): Promise<readonly string[]> {
  const upstream = new Upstream({ ...options, name: options.name ?? 'upstream' }, systemClock);
  try {
    await upstream.connect(signal);
    return upstream.facts?.models ?? [];
  } finally {
    await upstream.close();
  }
}
