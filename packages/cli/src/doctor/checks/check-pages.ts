import { ask, type Answer } from '../gateway/ask-gateway.ts';
import { failure, ok, warning, type Finding } from '../finding.ts';
import type { GatewayAddress } from '../gateway/gateway-address.ts';

export interface CheckPagesOptions {
  address: GatewayAddress;
  /** The key as a header; empty without one. */
  key: Record<string, string>;
  /** An origin whose pages the gateway must accept, besides its own. */
  origin?: string | undefined;
  timeoutMs: number;
  signal: AbortSignal;
}

/** An origin that no gateway allows: `.invalid` names are reserved (RFC 2606). */
const otherSite = 'https://doctor.invalid';

/** The headers that a page asks for in its preflight request. */
const askedHeaders = ['authorization', 'content-type', 'x-headway-progress', 'x-swiftlm-prefill-progress'];

/** Sends requests as a page of the gateway, of another site, and of `origin` would. */
export async function checkPages({ address, key, origin, timeoutMs, signal }: CheckPagesOptions): Promise<Finding[]> {
  const models = `${address.url}/v1/models`;
  const from = (page: string) => ask(models, { headers: { ...key, origin: page }, timeoutMs, signal });
  const own = new URL(address.url).origin;
  const findings = [rules(own, await from(own), await from(otherSite))];
  if (origin === undefined) return findings;
  const preflight = await ask(`${address.url}/v1/chat/completions`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': askedHeaders.join(','),
    },
    timeoutMs,
    signal,
  });
  return [...findings, admission(origin, await from(origin), preflight)];
}

function rules(own: string, mine: Answer, others: Answer): Finding {
  if (!mine.answered) return failure(`pages of ${own} get no answer: ${mine.why}`);
  if (mine.status === 403) {
    return warning(`refuses pages of ${own}: ${mine.message}`, 'let the proxy pass the Host header on unchanged');
  }
  if (others.answered && others.status !== 403) {
    return warning('accepts pages of every site', 'let the proxy before the gateway pass the Origin header on');
  }
  return ok('accepts its own pages and refuses those of other sites');
}

function admission(origin: string, answer: Answer, preflight: Answer): Finding {
  if (!answer.answered) return failure(`pages of ${origin} get no answer: ${answer.why}`);
  const remedy = `start the gateway with --allow-origin ${origin}`;
  if (answer.status === 403) return failure(`refuses pages of ${origin}`, remedy);
  const allowed = preflight.answered ? (preflight.headers.get('access-control-allow-headers') ?? '').toLowerCase() : '';
  const missing = askedHeaders.filter((name) => !allowed.split(/\s*,\s*/).includes(name));
  if (missing.length > 0) return failure(`does not let pages of ${origin} send ${missing.join(', ')}`, remedy);
  return ok(`accepts pages of ${origin}, with every header that requests progress`);
}
