import { HeadwayError } from '@headway/protocol';
import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';

import { errorFromJson } from './error-from-http.ts';
import { errorFromTrpc } from './error-from-trpc.ts';

const answered = (data: object | undefined, message = 'words') =>
  TRPCClientError.from({ error: { code: -32000, message, ...(data && { data }) } });

test('errorFromTrpc keeps Headway’s own code, message and retryable', () => {
  const error = errorFromTrpc(answered({ code: 'CONFLICT', headway: { code: 'queue-full', retryable: false } }));
  expect(error).toMatchObject({ name: 'HeadwayError', code: 'queue-full', message: 'words', retryable: false });
  expect(error.cause).toBeInstanceOf(TRPCClientError);
});

test('errorFromTrpc and errorFromJson keep valid issues and drop others', () => {
  const issues = [{ path: ['topK'], message: 'must be at least 0', expected: 'at least 0' }];
  const headway = { code: 'invalid-request', retryable: false, issues };
  expect(errorFromTrpc(answered({ headway })).issues).toEqual(issues);
  expect(errorFromJson({ ...headway, message: 'x' })?.issues).toEqual(issues);
  expect(errorFromTrpc(answered({ headway: { ...headway, issues: 'none' } })).issues).toEqual([]);
});

test('errorFromTrpc reads a newer gateway’s unknown code as internal, and keeps retryable', () => {
  const error = errorFromTrpc(answered({ headway: { code: 'out-of-coffee', retryable: true } }));
  expect(error).toMatchObject({ code: 'internal', message: 'words', retryable: true });
  expect(errorFromTrpc(answered({ headway: { code: 'toString' } })).code).toBe('internal');
});

test.each([
  ['BAD_REQUEST', 'invalid-request'],
  ['UNAUTHORIZED', 'unauthorized'],
  ['FORBIDDEN', 'forbidden'],
  ['TOO_MANY_REQUESTS', 'rate-limited'],
  ['INTERNAL_SERVER_ERROR', 'internal'],
  ['toString', 'internal'],
  [undefined, 'internal'],
])('errorFromTrpc reads an error with tRPC’s code %s alone as %s', (code, expected) => {
  expect(errorFromTrpc(answered({ code }))).toMatchObject({ code: expected, message: 'words' });
});

test('errorFromTrpc reads an error without a reply as connection-lost', () => {
  expect(errorFromTrpc(TRPCClientError.from(new Error('closed')))).toMatchObject({
    code: 'connection-lost',
    message: 'closed',
  });
});

test('errorFromTrpc returns a HeadwayError as it is, and reads any other value as internal', () => {
  const error = new HeadwayError('conflict', 'x');
  expect(errorFromTrpc(error)).toBe(error);
  expect(errorFromTrpc('oops')).toMatchObject({ code: 'internal', message: 'oops', cause: 'oops' });
});
