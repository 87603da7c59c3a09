import type { IncomingHttpHeaders } from 'node:http';

import { HeadwayError } from '@headway/protocol';

/**
 * The key that a request brings: `Authorization: Bearer`, as OpenAI's clients send it, or `x-api-key`, as Anthropic's do.
 * Where both came, the first one counts.
 */
export function presentedKey({ authorization, ...headers }: IncomingHttpHeaders): string | null {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}

/** Names under which clients put keys into a query, without `-` and `_`. */
const keyNames = new Set([
  'key',
  'apikey',
  'xapikey',
  'token',
  'apitoken',
  'accesstoken',
  'authtoken',
  'bearer',
  'authorization',
]);

/**
 * Refuses a URL with a key in it: histories, logs and the `Referer` keep URLs. tRPC's SSE link puts its
 * `connectionParams` there, key and all; over a WebSocket the same word with the value 1 only announces them.
 */
export function refuseKeyInUrl(url: string): HeadwayError | null {
  const at = url.indexOf('?');
  if (at === -1) return null;
  for (const [name, value] of new URLSearchParams(url.slice(at))) {
    const plain = name.toLowerCase().replace(/[-_]/g, '');
    if (keyNames.has(plain) || value.startsWith('headway_') || (plain === 'connectionparams' && value !== '1')) {
      return new HeadwayError(
        'invalid-request',
        'the URL has an API key in its query, where histories and logs keep it; ' +
          'send it as Authorization: Bearer, x-api-key, or apiKey in the connectionParams of a socket, and make a new key',
      );
    }
  }
  return null;
}
