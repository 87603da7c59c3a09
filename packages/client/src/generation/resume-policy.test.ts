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

test('a lost connection is gone on from at once: how long to wait is the link’s to say', () => {
  expect(interrupted('connection-lost')).toEqual({ afterMs: 0 });
  expect(interrupted('connection-lost', { taken: false, begun: false })).toEqual({ afterMs: 0 });
});

test('what the client itself has ended is not', () => {
  const error = new HeadwayError('connection-lost', 'the client was closed', { retryable: false });
  expect(interrupted('connection-lost', { error })).toEqual({ error });
});

test('a stream that just stops is an error', () => {
  expect(interrupted('internal', { error: null })).toMatchObject({ error: { code: 'connection-lost' } });
});

test('a generation that is gone says how that can be, and that the request may be sent again', () => {
  expect(interrupted('generation-not-found')).toMatchObject({
    error: { code: 'generation-not-found', retryable: true, message: expect.stringMatching(/grace time/) },
  });
  expect(interrupted('generation-not-found', { begun: false })).toMatchObject({
    error: { code: 'generation-not-found', retryable: false, message: 'because' },
  });
});

describe('what passes', () => {
  test('is waited for, longer each time, as long as there is time', () => {
    expect(interrupted('rate-limited')).toEqual({ afterMs: 50 });
    expect(interrupted('slow-consumer', { refusals: 3, refusedForMs: 59_999 })).toEqual({ afterMs: 400 });
    expect(interrupted('rate-limited', { refusals: 9, refusedForMs: 60_000 })).toMatchObject({
      error: { code: 'rate-limited' },
    });
  });

  test('refuses a request that was never taken', () => {
    expect(interrupted('rate-limited', { taken: false, begun: false })).toMatchObject({
      error: { code: 'rate-limited' },
    });
  });

  test('does not pass when the gateway says so', () => {
    const error = new HeadwayError('slow-consumer', 'too far behind', { retryable: false });
    expect(interrupted('slow-consumer', { error })).toEqual({ error });
  });
});

test('every other code ends the stream as it is', () => {
  const others = errorCode.options.filter(
    (code) =>
      !['connection-lost', 'generation-not-found', 'slow-consumer', 'rate-limited', 'shutting-down'].includes(code),
  );
  expect(others.length).toBeGreaterThan(10);
  for (const code of others) expect(interrupted(code)).toMatchObject({ error: { code, message: 'because' } });
});
