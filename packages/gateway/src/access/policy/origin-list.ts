import { HeadwayError } from '@headway/protocol';

/** Origins whose pages may use the gateway. */
export interface OriginList {
  readonly size: number;
  /** @param origin as a browser sends it, in lower case */
  has(origin: string): boolean;
}

/**
 * Reads origins and patterns: `http://localhost:*` matches any port, `https://*.example.com` any name below, and
 * `chrome-extension://*` any extension. `*` and `null` are refused: a browser sends `Origin: null` for a sandboxed frame
 * of any page.
 *
 * @throws HeadwayError `invalid-request` for an invalid origin, or one that matches every page
 */
export function createOriginList(texts: readonly string[]): OriginList {
  const rules = texts.map(readOrigin);
  const whole = new Set(rules.filter((rule) => typeof rule === 'string'));
  const patterns = rules.filter((rule) => rule instanceof RegExp);
  return { size: rules.length, has: (origin) => whole.has(origin) || patterns.some((one) => one.test(origin)) };
}

const matchesEveryPage = new Set(['*', 'null', 'http://*', 'https://*', 'file://*', 'http://*:*', 'https://*:*']);

function readOrigin(text: string): string | RegExp {
  const lower = text.trim().toLowerCase();
  if (matchesEveryPage.has(lower)) throw refused(text, 'would let every page that you open use your models');
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/\s]+)\/?$/.exec(lower) ?? [];
  if (scheme === '') throw refused(text, 'is not an origin');
  if (scheme === 'http' || scheme === 'https') return readWebOrigin(text, scheme, rest);
  if (rest === '*') return new RegExp(`^${escaped(scheme)}://[^/\\s]+$`);
  if (rest.includes('*') || lower.endsWith('/')) throw refused(text, 'is not an origin');
  return lower;
}

function readWebOrigin(text: string, scheme: string, rest: string): string | RegExp {
  const anyPort = rest.endsWith(':*');
  const below = rest.startsWith('*.');
  const address = `${scheme}://${rest.replace(/^\*\./, '').replace(/:\*$/, '')}`;
  if (address.includes('*') || !URL.canParse(address)) throw refused(text, 'is not an origin');
  const { origin, hostname, host, pathname, search, hash } = new URL(address);
  if (pathname !== '/' || search || hash) throw refused(text, 'is not an origin');
  if (below && !hostname.includes('.') && hostname !== 'localhost')
    throw refused(text, `would let every page below ${hostname} use your models`);
  if (!anyPort && !below) return origin;
  const names = below ? '(?:[a-z0-9_-]+\\.)+' : '';
  return new RegExp(`^${scheme}://${names}${escaped(host)}${anyPort ? '(?::\\d{1,5})?' : ''}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function refused(text: string, why: string): HeadwayError {
  return new HeadwayError(
    'invalid-request',
    `--allow-origin: ${JSON.stringify(text)} ${why}; write one like https://app.example, http://localhost:* or chrome-extension://*`,
  );
}
