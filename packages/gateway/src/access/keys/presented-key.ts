import type { IncomingHttpHeaders } from 'node:http';

import { HeadwayError } from '@headway/protocol';

/**
 * The API key of a request: from `Authorization: Bearer`, as OpenAI's clients send it, else from `x-api-key`, as
 * Anthropic's do.
 */
export function presentedKey({ authorization, ...headers }: IncomingHttpHeaders): string | null {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}

/** Query parameters that clients use for keys, without `-` and `_`. */
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
 * The error for a URL with a key in its query, because browser histories, logs and the `Referer` header keep URLs. tRPC's
 * SSE link puts its `connectionParams` there, the key included. Over a WebSocket `connectionParams=1` only announces them.
 */
export function refuseKeyInUrl(url: string): HeadwayError | null {
  const at = url.indexOf('?');
  if (at === -1) return null;
  for (const [name, value] of new URLSearchParams(url.slice(at))) {
    const plain = name.toLowerCase().replace(/[-_]/g, '');
    if (keyNames.has(plain) || value.startsWith('headway_') || (plain === 'connectionparams' && value !== '1')) {
      return new HeadwayError(
        'invalid-request',
        'the URL has an API key in its query, where histories and logs keep it; make a new key, and ' +
          'send it as Authorization: Bearer, x-api-key, or apiKey in the connectionParams of a socket',
      );
    }
  }
  return null;
}
