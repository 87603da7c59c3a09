import { HeadwayError, isHeadwayError } from '@headway/protocol';

/** In words, what the system's error codes say; the texts of such errors hold addresses. */
const troubles: Record<string, string> = {
  ECONNREFUSED: 'it refused the connection',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
};

/** Why a check failed, without address and key. */
export function troubleOf(thrown: unknown): string {
  if (isHeadwayError(thrown)) return thrown.message;
  const code = codeOf(thrown) ?? (thrown instanceof Error ? codeOf(thrown.cause) : undefined);
  return (code !== undefined && troubles[code]) || 'it does not answer';
}

/** The error for a check that got no answer in time. */
export function checkTimeout(timeoutMs: number): HeadwayError {
  return new HeadwayError('upstream-failed', `it did not answer a check within ${timeoutMs / 1000} s`);
}

/** The error for a request when no upstream takes requests. */
export function noUpstream(reasons: readonly string[]): HeadwayError {
  return new HeadwayError(
    'upstream-failed',
    `no upstream is up${listed(reasons)}; send the request again when one is back`,
  );
}

/** The error for a request that no further upstream can take, as those it tried have failed. */
export function noOtherUpstream(reasons: readonly string[]): HeadwayError {
  return new HeadwayError(
    'upstream-failed',
    `no other upstream is up to take over the request${listed(reasons)}; send it again in a moment`,
  );
}

/** The error for a request with more choices than any upstream works on. */
export function tooManyPlaces(places: number, most: number): HeadwayError {
  return new HeadwayError(
    'upstream-failed',
    `${places} choices need ${places} places at one upstream, but none has more than ${most}; ` +
      `ask for at most ${most}, or let the upstreams have more places`,
    { retryable: false },
  );
}

function listed(reasons: readonly string[]): string {
  const distinct = [...new Set(reasons)];
  return distinct.length > 0 ? ` (${distinct.join('; ')})` : '';
}

function codeOf(value: unknown): string | undefined {
  return value instanceof Error && 'code' in value && typeof value.code === 'string' ? value.code : undefined;
}
