import { HeadwayError, readIssues } from '@headway/protocol';

import { isErrorCode } from './is-error-code.ts';

/** What a gateway says in an HTTP answer that is an error; null when it was not a gateway that answered. */
export async function errorFromHttp(response: Response): Promise<HeadwayError | null> {
  const body: unknown = await response.json().catch(() => null);
  const retry = response.headers.get('x-should-retry');
  return isObject(body) ? errorFromJson(body.error, retry === null ? undefined : retry === 'true') : null;
}

/** An error as the gateway writes it: `code`, `message` and, where nothing else tells, `retryable`; null when it is none. */
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
