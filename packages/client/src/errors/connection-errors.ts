import { HeadwayError } from '@headway/protocol';

import type { GatewayUrl } from '../gateway-url.ts';

/** No attempt to reach the gateway succeeded in `limitMs`; `failure` is what the last one said. */
export function unreachable(
  { base }: GatewayUrl,
  { lost, limitMs, failure }: { lost: boolean; limitMs: number; failure: HeadwayError | null },
): HeadwayError {
  const reason = failure?.message && ` (${failure.message})`;
  const within = `${limitMs / 1000} s${reason ?? ''}`;
  if (lost) {
    return new HeadwayError(
      'connection-lost',
      `the connection to the gateway at ${base} was lost and it was not reached again within ${within}; what ran there ends with its grace time, or can be watched by its id`,
      { cause: failure },
    );
  }
  const hint = globalThis.location
    ? 'is it running, and does it allow pages of this origin (--allow-origin)?'
    : 'is it running?';
  return new HeadwayError('connection-lost', `the gateway at ${base} was not reached within ${within}; ${hint}`, {
    cause: failure,
  });
}

/** An open connection ended by itself. */
export function dropped({ base }: GatewayUrl, event: unknown): HeadwayError {
  const reason = messageOf(event) || closeReasonOf(event);
  return new HeadwayError(
    'connection-lost',
    `the connection to the gateway at ${base} was lost${reason && ` (${reason})`}`,
    { cause: event },
  );
}

/** A socket did not open; browsers do not tell why. */
export function notOpened(event: unknown): HeadwayError {
  const reason = messageOf(event) || 'no WebSocket opened';
  const tooMany = /Unexpected server response: 429/.test(reason);
  return new HeadwayError(tooMany ? 'rate-limited' : 'connection-lost', reason, { cause: event });
}

/** Something answers at the gateway's address, and it is none. */
export function noGateway({ base }: GatewayUrl, status: number): HeadwayError {
  return new HeadwayError('connection-lost', `no Headway gateway answers at ${base} (HTTP ${status}); check the URL`, {
    retryable: false,
  });
}

/** Node's error events say what happened; a browser's do not. */
function messageOf(event: unknown): string {
  return typeof event === 'object' && event !== null && 'message' in event ? String(event.message) : '';
}

function closeReasonOf(event: unknown): string {
  if (typeof event !== 'object' || event === null || !('code' in event)) return '';
  const code = `code ${String(event.code)}`;
  return 'reason' in event && typeof event.reason === 'string' && event.reason ? `${event.reason}, ${code}` : code;
}
