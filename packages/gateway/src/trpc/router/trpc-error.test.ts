import { errorCode, generateRequest, HeadwayError } from '@headway/protocol';
import { TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { describe, expect, test } from 'vitest';

import { readTrpcError, shapeError, toTrpcError, trpcCodes, trpcErrorBody } from './trpc-error.ts';

const shapeOf = (error: TRPCError) =>
  shapeError(error, {
    message: error.message,
    code: TRPC_ERROR_CODES_BY_KEY[error.code],
    data: { code: error.code, httpStatus: 400, path: 'generate', stack: 'at /home/me/secret.ts:1' },
  });

test.each(errorCode.options)('a tRPC error for %s keeps the code, the message and retryable', (code) => {
  const shape = shapeOf(toTrpcError(new HeadwayError(code, 'field: what to do')));
  expect(shape.message).toBe('field: what to do');
  expect(shape.data).toMatchObject({
    code: trpcCodes[code],
    headway: { code, retryable: new HeadwayError(code, '').retryable },
  });
});

test('shapeError removes the stack', () => {
  expect(JSON.stringify(shapeOf(toTrpcError(new HeadwayError('conflict', 'x'))))).not.toContain('secret');
});

test('shapeError hides the message of an unexpected error', () => {
  const shape = shapeOf(toTrpcError(new TypeError('cannot read /etc/passwd')));
  expect(JSON.stringify(shape)).not.toContain('passwd');
  expect(shape.data.headway).toEqual({ code: 'internal', retryable: false });
});

describe("readTrpcError, of tRPC's own errors,", () => {
  test('lists the fields of a schema error in one line, not in JSON', () => {
    const { error } = generateRequest.safeParse({ prompt: 'x', temperature: 'hot', foo: 1 });
    const read = readTrpcError(new TRPCError({ code: 'BAD_REQUEST', cause: error }));
    expect(read.code).toBe('invalid-request');
    expect(read.message).toMatch(/^temperature: .*; foo: unknown field/);
  });

  test('reports invalid JSON', () => {
    const error = new TRPCError({ code: 'PARSE_ERROR', cause: new SyntaxError('Unexpected token') });
    expect(readTrpcError(error).message).toBe('the message is not valid JSON (Unexpected token)');
  });

  test('maps an unknown procedure to invalid-request', () => {
    expect(readTrpcError(new TRPCError({ code: 'NOT_FOUND', message: 'No procedure' })).code).toBe('invalid-request');
  });
});

test('trpcErrorBody has the shape of a tRPC error', () => {
  expect(trpcErrorBody(new HeadwayError('invalid-request', 'too big'), 413)).toEqual({
    error: {
      message: 'too big',
      code: -32013,
      data: { code: 'PAYLOAD_TOO_LARGE', httpStatus: 413, headway: { code: 'invalid-request', retryable: false } },
    },
  });
  expect(trpcErrorBody(new HeadwayError('forbidden', 'no'), 403).error.data.code).toBe('FORBIDDEN');
});
