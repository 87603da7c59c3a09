import { HeadwayError } from '@headway/protocol';

const example = 'http://127.0.0.1:4477';

/** Where a gateway is. */
export interface GatewayUrl {
  /** `http(s)://host[:port][/prefix]`, without a trailing slash. */
  base: string;
  /** Its tRPC endpoint for WebSockets. */
  trpc: string;
}

/**
 * Reads the `url` that a caller gave; in a page it may be left out and is the page's own origin.
 *
 * @throws HeadwayError `invalid-request`, naming `url`
 */
export function gatewayUrl(url: string | undefined, pageOrigin = globalThis.location?.origin): GatewayUrl {
  const given = url ?? (pageOrigin === 'null' ? undefined : pageOrigin);
  if (given === undefined) throw invalid(`is missing; give the gateway's, e.g. ${example}`);
  const parsed = typeof given === 'string' && URL.canParse(given) ? new URL(given) : null;
  if (!parsed || !['http:', 'https:', 'ws:', 'wss:'].includes(parsed.protocol)) {
    throw invalid(`${JSON.stringify(given)} is not an http or https URL; give the gateway's, e.g. ${example}`);
  }
  if (parsed.username || parsed.password) throw invalid('must not hold a name or password; give the key as `apiKey`');
  const secure = parsed.protocol === 'https:' || parsed.protocol === 'wss:' ? 's' : '';
  const place = `${parsed.host}${parsed.pathname.replace(/\/+$/, '')}`;
  return { base: `http${secure}://${place}`, trpc: `ws${secure}://${place}/trpc` };
}

function invalid(message: string): HeadwayError {
  return new HeadwayError('invalid-request', `url: ${message}`);
}
