import { HeadwayError, readIssues } from '@headway/protocol';

import { isErrorCode } from './is-error-code.ts';

/** Reads the error in a gateway's HTTP reply; null if another server sent the reply. */
export async function errorFromHttp(response: Response): Promise<HeadwayError | null> {
  const body: unknown = await response.json().catch(() => null);
  const retry = response.headers.get('x-should-retry');
  return isObject(body) ? errorFromJson(body.error, retry === null ? undefined : retry === 'true') : null;
}

/**
 * Reads an error in the gateway's format: `code`, `message` and `retryable`; null for a value in another format.
 *
 * @param retryable overrides the field
 */
export function errorFromJson(error: unknown, retryable?: boolean): HeadwayError | null {
  if (!isObject(error) || typeof error.message !== 'string' || !isErrorCode(error.code)) return null;
  return new HeadwayError(error.code, error.message, {
    retryable: retryable ?? (typeof error.retryable === 'boolean' ? error.retryable : undefined),
    issues: readIssues(error.issues),
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
