import { errorFromHttp } from '../errors/error-from-http.ts';
import { noGateway } from '../errors/connection-errors.ts';
import type { GatewayUrl } from '../gateway-url.ts';

/**
 * Whether a plain HTTP request reaches the gateway; false when nothing replies, or only a proxy with a status of 500 or
 * above.
 *
 * @throws HeadwayError when the gateway refuses this client, or when the server is not a Headway gateway
 */
export async function probeGateway(
  gateway: GatewayUrl,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<boolean> {
  const asking = new AbortController();
  const giveUp = () => asking.abort();
  const timer = setTimeout(giveUp, timeoutMs);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    const response = await fetch(`${gateway.base}/healthz`, { cache: 'no-store', signal: asking.signal }).catch(
      () => null,
    );
    if (!response || response.status >= 500) return false;
    // Every gateway has this route, so the URL names a path below one, or another server.
    if (response.status === 404) throw noGateway(gateway, response.status);
    if (!response.ok) throw (await errorFromHttp(response)) ?? noGateway(gateway, response.status);
    const health: unknown = await response.json().catch(() => null);
    if (typeof health === 'object' && health !== null && 'status' in health && health.status === 'ok') return true;
    throw noGateway(gateway, response.status);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    // Closes a response whose body was not read.
    giveUp();
  }
}
