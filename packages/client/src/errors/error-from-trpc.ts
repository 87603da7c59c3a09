import { HeadwayError, isHeadwayError, readIssues, type ErrorCode } from '@headway/protocol';
import { TRPCClientError } from '@trpc/client';

import { isErrorCode } from './is-error-code.ts';

/** Headway's code for each of tRPC's, for the errors that tRPC itself makes in the gateway. */
const byTrpcCode = new Map<unknown, ErrorCode>([
  ['PARSE_ERROR', 'invalid-request'],
  ['BAD_REQUEST', 'invalid-request'],
  ['UNPROCESSABLE_CONTENT', 'invalid-request'],
  ['PAYLOAD_TOO_LARGE', 'invalid-request'],
  ['NOT_FOUND', 'invalid-request'],
  ['METHOD_NOT_SUPPORTED', 'invalid-request'],
  ['UNAUTHORIZED', 'unauthorized'],
  ['FORBIDDEN', 'forbidden'],
  ['TOO_MANY_REQUESTS', 'rate-limited'],
  ['CONFLICT', 'conflict'],
  ['SERVICE_UNAVAILABLE', 'shutting-down'],
]);

/** Reads the error of a tRPC call. The gateway sends Headway's code in `data.headway`. */
export function errorFromTrpc(thrown: unknown): HeadwayError {
  if (isHeadwayError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (!(thrown instanceof TRPCClientError)) return new HeadwayError('internal', message, { cause: thrown });
  const data: unknown = thrown.data;
  // A gateway's error has data; one without means that the connection failed.
  if (!isObject(data)) return new HeadwayError('connection-lost', message, { cause: thrown });
  const { headway, code } = data;
  if (isObject(headway)) {
    const retryable = typeof headway.retryable === 'boolean' ? headway.retryable : undefined;
    return new HeadwayError(isErrorCode(headway.code) ? headway.code : 'internal', message, {
      retryable,
      cause: thrown,
      issues: readIssues(headway.issues),
    });
  }
  return new HeadwayError(byTrpcCode.get(code) ?? 'internal', message, { cause: thrown });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
