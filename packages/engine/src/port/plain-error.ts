import { errorData, errorFromData, isHeadwayError, toHeadwayError, type HeadwayError } from '@headway/protocol';

import type { PlainError } from './engine-port.ts';

/** The part of a thrown value that crosses the port: no stack, and a cause only if it is plain data. */
export function toPlainError(thrown: unknown): PlainError {
  const error = toHeadwayError(thrown);
  const { cause } = error;
  const plainCause = isHeadwayError(thrown) && !(cause instanceof Error) ? cause : undefined;
  return { ...errorData(error), ...(plainCause !== undefined && { cause: plainCause }) };
}

export function fromPlainError({ cause, ...data }: PlainError): HeadwayError {
  return errorFromData(data, cause === undefined ? {} : { cause });
}
