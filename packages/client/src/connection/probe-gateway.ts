import { errorFromHttp } from '../errors/error-from-http.ts';
import { noGateway } from '../errors/connection-errors.ts';
import type { GatewayUrl } from '../gateway-url.ts';

/**
 * Whether a plain request reaches the gateway; false when nothing answers or only something in front of it.
 *
 * @throws HeadwayError when the gateway does not let this caller in, or what answers is no gateway
 */
export async function probeGateway(
  gateway: GatewayUrl,
  { withinMs, signal }: { withinMs: number; signal: AbortSignal },
): Promise<boolean> {
  const asking = new AbortController();
  const giveUp = () => asking.abort();
  const timer = setTimeout(giveUp, withinMs);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    const response = await fetch(`${gateway.base}/healthz`, { cache: 'no-store', signal: asking.signal }).catch(
      () => null,
    );
    if (!response || response.status >= 500) return false;
    if (!response.ok) throw (await errorFromHttp(response)) ?? noGateway(gateway, response.status);
    const health: unknown = await response.json().catch(() => null);
    if (typeof health === 'object' && health !== null && 'status' in health && health.status === 'ok') return true;
    throw noGateway(gateway, response.status);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    // Whatever of an answer was not read.
    giveUp();
  }
}
