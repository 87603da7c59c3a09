import { HeadwayError, type ErrorCode } from '@headway/protocol';

import type { GatewayUrl } from './gateway-url.ts';

/** No attempt to connect succeeded in time; `failure` is the event of the last one, if any failed by itself. */
export function unreachable({ base }: GatewayUrl, withinMs: number, failure: unknown): HeadwayError {
  const reason = messageOf(failure);
  const hint = globalThis.location
    ? 'is it running, and does it allow pages of this origin (--allow-origin)?'
    : 'is it running?';
  return new HeadwayError(
    'connection-lost',
    `the gateway at ${base} was not reached within ${withinMs / 1000} s${reason && ` (${reason})`}; ${hint}`,
    { cause: failure },
  );
}

/** The socket was open and closed by itself. */
export function dropped({ base }: GatewayUrl, event: unknown): HeadwayError {
  const reason = messageOf(event) || closeReasonOf(event);
  return new HeadwayError(
    'connection-lost',
    `the connection to the gateway at ${base} was lost${reason && ` (${reason})`}`,
    {
      cause: event,
    },
  );
}

const codeOfStatus: Partial<Record<number, ErrorCode>> = { 401: 'unauthorized', 403: 'forbidden', 429: 'rate-limited' };

/** The gateway answered the upgrade with a client error, which no further attempt would change; browsers do not tell. */
export function refusedUpgrade({ base }: GatewayUrl, event: unknown): HeadwayError | null {
  const status = Number(/Unexpected server response: (4\d\d)/.exec(messageOf(event))?.[1]);
  if (!status) return null;
  const code = codeOfStatus[status];
  return code
    ? new HeadwayError(code, `the gateway at ${base} refused the connection (HTTP ${status})`, { cause: event })
    : new HeadwayError('connection-lost', `no Headway gateway answers at ${base} (HTTP ${status}); check the URL`, {
        retryable: false,
        cause: event,
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
