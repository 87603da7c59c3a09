import { HeadwayError, isHeadwayError, toHeadwayError } from '@headway/protocol';

import type { PlainError } from './engine-port.ts';

/** What crosses of whatever was thrown: no stack, and of the cause only plain facts. */
export function toPlainError(thrown: unknown): PlainError {
  const { code, message, retryable, cause } = toHeadwayError(thrown);
  const told = isHeadwayError(thrown) && !(cause instanceof Error) ? cause : undefined;
  return { code, message, retryable, ...(told !== undefined && { cause: told }) };
}

export function fromPlainError({ code, message, retryable, cause }: PlainError): HeadwayError {
  return new HeadwayError(code, message, { retryable, ...(cause !== undefined && { cause }) });
}
