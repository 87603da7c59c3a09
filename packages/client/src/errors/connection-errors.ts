import { HeadwayError } from '@headway/protocol';

import type { GatewayUrl } from '../gateway-url.ts';

/** The error after the last attempt to connect failed with `failure`. `limitMs` is null if attempts, not time, ran out. */
export function unreachable(
  { base }: GatewayUrl,
  { lost, limitMs, failure }: { lost: boolean; limitMs: number | null; failure: HeadwayError | null },
): HeadwayError {
  const tried = limitMs === null ? undefined : `tried for ${limitMs / 1000} s`;
  const reasons = [failure?.message, tried].filter(Boolean).join(', ');
  const why = reasons && ` (${reasons})`;
  if (lost) {
    return new HeadwayError(
      'connection-lost',
      `the connection to the gateway at ${base} was lost and could not be opened again${why}; watch the generation by its id before the gateway's grace time ends it`,
      { cause: failure },
    );
  }
  const remedy = globalThis.location
    ? 'start it, check the URL, or let it accept pages of this origin (--allow-origin)'
    : 'start one with headway serve, or check the URL';
  return new HeadwayError('connection-lost', `no Headway gateway answers at ${base}${why}; ${remedy}`, {
    cause: failure,
  });
}

/** The error for an open connection that ended without a call of `close`. */
export function dropped({ base }: GatewayUrl, event: unknown): HeadwayError {
  const reason = messageOf(event) || closeReasonOf(event);
  return new HeadwayError(
    'connection-lost',
    `the connection to the gateway at ${base} was lost${reason && ` (${reason})`}`,
    { cause: event },
  );
}

/** The error for a WebSocket that did not open. Browsers give no reason. */
export function notOpened(event: unknown): HeadwayError {
  const reason = messageOf(event) || 'no WebSocket opened';
  const tooMany = /Unexpected server response: 429/.test(reason);
  return new HeadwayError(tooMany ? 'rate-limited' : 'connection-lost', reason, { cause: event });
}

/** The error for a server at the gateway's URL that is not a gateway. */
export function noGateway({ base }: GatewayUrl, status: number): HeadwayError {
  return new HeadwayError(
    'connection-lost',
    `no Headway gateway answers at ${base} (HTTP ${status}); start one with headway serve, or check the URL`,
    { retryable: false },
  );
}

/** The message of an error event. Only Node sets one. */
function messageOf(event: unknown): string {
  return typeof event === 'object' && event !== null && 'message' in event ? String(event.message) : '';
}

function closeReasonOf(event: unknown): string {
  if (typeof event !== 'object' || event === null || !('code' in event)) return '';
  const code = `code ${String(event.code)}`;
  return 'reason' in event && typeof event.reason === 'string' && event.reason ? `${event.reason}, ${code}` : code;
}
