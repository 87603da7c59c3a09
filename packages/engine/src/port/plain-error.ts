import { HeadwayError, isHeadwayError, toHeadwayError } from '@headway/protocol';

import type { PlainError } from './engine-port.ts';

/** The part of a thrown value that crosses the port: no stack, and a cause only when it is plain data. */
export function toPlainError(thrown: unknown): PlainError {
  const { code, message, retryable, cause } = toHeadwayError(thrown);
  const plainCause = isHeadwayError(thrown) && !(cause instanceof Error) ? cause : undefined;
  return { code, message, retryable, ...(plainCause !== undefined && { cause: plainCause }) };
}

export function fromPlainError({ code, message, retryable, cause }: PlainError): HeadwayError {
  return new HeadwayError(code, message, { retryable, ...(cause !== undefined && { cause }) });
}
