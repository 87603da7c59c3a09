import { errorData, errorOfZod, HeadwayError, isHeadwayError, type ErrorCode, type ErrorData } from '@headway/protocol';
import { TRPCError, type TRPCDefaultErrorShape } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { z } from 'zod';

import { isBelow } from '../../surface/request-address.ts';
import type { ErrorDialect } from '../../surface/error-dialect.ts';

type TrpcCode = TRPCError['code'];

/** The tRPC code of each error code. */
export const trpcCodes = {
  'invalid-request': 'BAD_REQUEST',
  unauthorized: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  'rate-limited': 'TOO_MANY_REQUESTS',
  conflict: 'CONFLICT',
  'model-not-found': 'NOT_FOUND',
  'model-load-failed': 'SERVICE_UNAVAILABLE',
  'context-overflow': 'BAD_REQUEST',
  'queue-full': 'TOO_MANY_REQUESTS',
  'queue-timeout': 'SERVICE_UNAVAILABLE',
  'generation-timeout': 'GATEWAY_TIMEOUT',
  'generation-not-found': 'NOT_FOUND',
  abandoned: 'CLIENT_CLOSED_REQUEST',
  'engine-crashed': 'INTERNAL_SERVER_ERROR',
  'upstream-failed': 'BAD_GATEWAY',
  'connection-lost': 'BAD_GATEWAY',
  'slow-consumer': 'CLIENT_CLOSED_REQUEST',
  'shutting-down': 'SERVICE_UNAVAILABLE',
  internal: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ErrorCode, TrpcCode>;

/** A tRPC error on the wire: tRPC's own shape, and the code that Headway's clients branch on. */
export interface HeadwayErrorShape extends TRPCDefaultErrorShape {
  data: TRPCDefaultErrorShape['data'] & { headway: Omit<ErrorData, 'message'> };
}

/**
 * Shapes an error of a procedure, or of tRPC itself. The message names the field and the remedy. The shape holds no stack
 * and no message of an unexpected error.
 */
export function shapeError(error: TRPCError, shape: TRPCDefaultErrorShape): HeadwayErrorShape {
  const { message, ...headway } = errorData(readTrpcError(error));
  const { stack: _, ...data } = shape.data;
  return { ...shape, message, data: { ...data, headway } };
}

/** The Headway error that a tRPC error stands for. */
export function readTrpcError(error: TRPCError): HeadwayError {
  const { cause } = error;
  if (isHeadwayError(cause)) return cause;
  if (cause instanceof z.core.$ZodError) return errorOfZod(cause);
  if (cause instanceof SyntaxError)
    return new HeadwayError('invalid-request', `the message is not valid JSON (${cause.message})`);
  switch (error.code) {
    case 'INTERNAL_SERVER_ERROR':
      return new HeadwayError('internal', 'the gateway failed; its log says more', { cause: error });
    case 'PARSE_ERROR':
      return new HeadwayError('invalid-request', `the message is not one of tRPC's (${error.message})`);
    default:
      return new HeadwayError('invalid-request', error.message);
  }
}

/** The tRPC error for what a procedure threw. */
export function toTrpcError(thrown: unknown): TRPCError {
  if (thrown instanceof TRPCError) return thrown;
  if (!isHeadwayError(thrown)) return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: thrown });
  return new TRPCError({ code: trpcCodes[thrown.code], message: thrown.message, cause: thrown });
}

/** HTTP statuses that have a tRPC code of their own. */
const codesOfStatus: Readonly<Record<number, TrpcCode>> = {
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** The body of an HTTP response to a tRPC call that was refused before its procedure ran. */
export function trpcErrorBody(error: HeadwayError, httpStatus: number): { error: HeadwayErrorShape } {
  const { message, ...headway } = errorData(error);
  const code = codesOfStatus[httpStatus] ?? trpcCodes[headway.code];
  return {
    error: {
      message,
      code: TRPC_ERROR_CODES_BY_KEY[code],
      data: { code, httpStatus, headway },
    },
  };
}

/** The error dialect of calls that are refused before their procedure runs. `status` gives the status of each code. */
export function trpcErrors(status: ErrorDialect['status']): ErrorDialect {
  return {
    owns: (request) => isBelow(request, '/trpc'),
    status,
    body: (error, details) => trpcErrorBody(error, details.status),
  };
}
