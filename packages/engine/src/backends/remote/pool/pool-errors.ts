import { HeadwayError, isHeadwayError } from '@headway/protocol';

/** What went wrong, without the remedy for a caller. */
export function troubleOf(thrown: unknown): string {
  return isHeadwayError(thrown) ? (thrown.message.split('; ')[0] ?? '') : 'it does not answer';
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
