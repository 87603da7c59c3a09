import { fieldError, type HeadwayError } from '@headway/protocol';

const example = 'http://127.0.0.1:4477';

/** A gateway's addresses. */
export interface GatewayUrl {
  /** `http(s)://host[:port][/prefix]`, without a trailing slash. */
  base: string;
  /** The endpoint for tRPC over WebSockets. */
  trpc: string;
}

/**
 * Reads a gateway's URL as a user typed it. A `/v1` at its end, which OpenAI clients need, is dropped. In a page the URL
 * may be left out: it is the page's own origin.
 *
 * @throws HeadwayError `invalid-request` for a URL that is missing, not http(s) or ws(s), or holds a name or password
 */
export function parseGatewayUrl(url: string | undefined, pageOrigin = globalThis.location?.origin): GatewayUrl {
  const typed = url ?? (pageOrigin === 'null' ? undefined : pageOrigin);
  if (typed === undefined) throw invalid(`is missing; give the gateway's, e.g. ${example}`);
  const parsed = typeof typed === 'string' && URL.canParse(typed) ? new URL(typed) : null;
  if (!parsed || !['http:', 'https:', 'ws:', 'wss:'].includes(parsed.protocol)) {
    throw invalid(`${JSON.stringify(typed)} is not an http or https URL; give the gateway's, e.g. ${example}`);
  }
  if (parsed.username || parsed.password) {
    throw invalid('holds a name or password; leave it out and give the key as the API key');
  }
  const secure = parsed.protocol === 'https:' || parsed.protocol === 'wss:' ? 's' : '';
  const path = parsed.pathname.replace(/\/+$/, '').replace(/\/+v1$/, '');
  const place = `${parsed.host}${path}`;
  return { base: `http${secure}://${place}`, trpc: `ws${secure}://${place}/trpc` };
}

function invalid(message: string): HeadwayError {
  return fieldError({ path: ['url'], message });
}
