import { errorCode, HeadwayError, type ErrorCode } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { nextStep, type Interruption } from './resume-policy.ts';

const limits = { limitMs: 60_000, random: 1 };

const interrupted = (code: ErrorCode, fields: Partial<Interruption> = {}) =>
  nextStep(
    {
      id: 'g',
      error: new HeadwayError(code, 'because'),
      taken: true,
      begun: true,
      refusals: 0,
      refusedForMs: 0,
      ...fields,
    },
    limits,
  );

test('a stream resumes at once after a lost connection, since the connection manager does the waiting', () => {
  expect(interrupted('connection-lost')).toEqual({ afterMs: 0 });
  expect(interrupted('connection-lost', { taken: false, begun: false })).toEqual({ afterMs: 0 });
});

test('a stream does not resume after the client itself closed the connection', () => {
  const error = new HeadwayError('connection-lost', 'the client was closed', { retryable: false });
  expect(interrupted('connection-lost', { error })).toEqual({ error });
});

test('a stream that the gateway completes before the generation’s end is connection-lost', () => {
  expect(interrupted('internal', { error: null })).toMatchObject({ error: { code: 'connection-lost' } });
});

test('the error for a generation that the gateway no longer has gives the reasons and is retryable', () => {
  expect(interrupted('generation-not-found')).toMatchObject({
    error: { code: 'generation-not-found', retryable: true, message: expect.stringMatching(/grace time/) },
  });
  expect(interrupted('generation-not-found', { begun: false })).toMatchObject({
    error: { code: 'generation-not-found', retryable: false, message: 'because' },
  });
});

describe('a temporary error', () => {
  test('is retried after growing delays until the limit', () => {
    expect(interrupted('rate-limited')).toEqual({ afterMs: 50 });
    expect(interrupted('slow-consumer', { refusals: 3, refusedForMs: 59_999 })).toEqual({ afterMs: 400 });
    expect(interrupted('rate-limited', { refusals: 9, refusedForMs: 60_000 })).toMatchObject({
      error: { code: 'rate-limited' },
    });
  });

  test('ends a request that the gateway had never accepted', () => {
    expect(interrupted('rate-limited', { taken: false, begun: false })).toMatchObject({
      error: { code: 'rate-limited' },
    });
  });

  test('ends the stream when the gateway says that it is not retryable', () => {
    const error = new HeadwayError('slow-consumer', 'too far behind', { retryable: false });
    expect(interrupted('slow-consumer', { error })).toEqual({ error });
  });
});

test('every other error code ends the stream unchanged', () => {
  const others = errorCode.options.filter(
    (code) =>
      !['connection-lost', 'generation-not-found', 'slow-consumer', 'rate-limited', 'shutting-down'].includes(code),
  );
  expect(others.length).toBeGreaterThan(10);
  for (const code of others) expect(interrupted(code)).toMatchObject({ error: { code, message: 'because' } });
});
