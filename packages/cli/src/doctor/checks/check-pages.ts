import { ask, type Answer } from '../gateway/ask-gateway.ts';
import { failure, ok, warning, type Finding } from '../finding.ts';
import type { GatewayAddress } from '../gateway/gateway-address.ts';

export interface CheckPagesOptions {
  address: GatewayAddress;
  /** The key as a header, where there is one. */
  key: Record<string, string>;
  /** Whose pages must be let in, besides the gateway's own. */
  origin?: string | undefined;
  timeoutMs: number;
  signal: AbortSignal;
}

/** A page that nobody let in; the name belongs to no one. */
const stranger = 'https://doctor.invalid';

/** What a page of the origin asks whether it may send. */
const askedHeaders = ['authorization', 'content-type', 'x-headway-progress', 'x-swiftlm-prefill-progress'];

/** Asks as pages of the gateway, of a stranger, and of the origin that is given would. */
export async function checkPages({ address, key, origin, timeoutMs, signal }: CheckPagesOptions): Promise<Finding[]> {
  const models = `${address.url}/v1/models`;
  const from = (page: string) => ask(models, { headers: { ...key, origin: page }, timeoutMs, signal });
  const own = new URL(address.url).origin;
  const findings = [rules(own, await from(own), await from(stranger))];
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

function rules(own: string, mine: Answer, strangers: Answer): Finding {
  if (!mine.answered) return failure(`pages of ${own} get no answer: ${mine.why}`);
  if (mine.status === 403) {
    return warning(`pages of ${own} are refused: ${mine.message}`, 'let the proxy pass the Host header on as it came');
  }
  if (strangers.answered && strangers.status !== 403) {
    return warning('pages of any site are let in', 'a proxy before the gateway takes Origin away; let it pass that on');
  }
  return ok('its own pages come in, those of strangers do not');
}

function admission(origin: string, answer: Answer, preflight: Answer): Finding {
  if (!answer.answered) return failure(`pages of ${origin} get no answer: ${answer.why}`);
  const remedy = `start the gateway with --allow-origin ${origin}`;
  if (answer.status === 403) return failure(`pages of ${origin} are refused`, remedy);
  const allowed = preflight.answered ? (preflight.headers.get('access-control-allow-headers') ?? '').toLowerCase() : '';
  const missing = askedHeaders.filter((name) => !allowed.split(/\s*,\s*/).includes(name));
  if (missing.length > 0) return failure(`pages of ${origin} may not send ${missing.join(', ')}`, remedy);
  return ok(`pages of ${origin} come in, with every header that asks for progress`);
}
