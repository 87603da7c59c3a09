import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { nextAttempt, reconnectDelay, type Outage } from './reconnect-policy.ts';

const first: Outage = { since: 1000, lost: false, failures: 0 };
const lost: Outage = { since: 1000, lost: true, failures: 0 };

test('the first attempt starts at once', () => {
  expect(nextAttempt(first, { now: 1000, limitMs: 10_000, random: 0.5 })).toEqual({ afterMs: 0, timeoutMs: 4000 });
});

test('the first attempt after a loss waits 25 to 50 ms, at random', () => {
  expect(nextAttempt(lost, { now: 1000, limitMs: 60_000, random: 0 })).toEqual({ afterMs: 25, timeoutMs: 4000 });
  expect(nextAttempt(lost, { now: 1000, limitMs: 60_000, random: 1 })).toEqual({ afterMs: 50, timeoutMs: 4000 });
});

describe('the client gives up', () => {
  test('when the time is over and an attempt failed', () => {
    const failed = { ...lost, failures: 12 };
    expect(nextAttempt(failed, { now: 60_999, limitMs: 60_000, random: 0 })).not.toBeNull();
    expect(nextAttempt(failed, { now: 61_000, limitMs: 60_000, random: 0 })).toBeNull();
  });

  test('only after one more attempt when the machine slept through the limit', () => {
    expect(nextAttempt(lost, { now: 9_000_000, limitMs: 60_000, random: 1 })).toEqual({ afterMs: 0, timeoutMs: 4000 });
  });

  test('when the attempts for a first connection are used up', () => {
    const failed = { ...first, failures: 3 };
    expect(nextAttempt(failed, { now: 1200, limitMs: 10_000, firstAttempts: 3, random: 0 })).toBeNull();
    expect(nextAttempt(failed, { now: 1200, limitMs: 10_000, firstAttempts: 4, random: 0 })).not.toBeNull();
    expect(nextAttempt(failed, { now: 1200, limitMs: 10_000, firstAttempts: 4, random: 0 })?.timeoutMs).toBeGreaterThan(
      8000,
    );
    expect(nextAttempt(failed, { now: 1200, limitMs: 10_000, firstAttempts: 5, random: 0 })?.timeoutMs).toBe(4000);
    expect(nextAttempt({ ...failed, lost: true }, { now: 1200, limitMs: 10_000, firstAttempts: 3, random: 0 })).toEqual(
      { afterMs: 200, timeoutMs: 4000 },
    );
  });

  test('when the next attempt for a first connection would start after the limit', () => {
    expect(nextAttempt(first, { now: 1000, limitMs: 50, random: 0 })).toEqual({ afterMs: 0, timeoutMs: 50 });
    const failed = { ...first, failures: 8 };
    expect(nextAttempt(failed, { now: 10_000, limitMs: 10_000, random: 0 })).toEqual({ afterMs: 500, timeoutMs: 500 });
    expect(nextAttempt(failed, { now: 10_500, limitMs: 10_000, random: 0 })).toBeNull();
  });
});

test('delays double up to 5 s, and half of each is random', () => {
  expect([0, 1, 2, 5, 7, 40].map((failures) => reconnectDelay(failures, 1))).toEqual([50, 100, 200, 1600, 5000, 5000]);
  expect(reconnectDelay(7, 0)).toBe(2500);
});

test('attempts that fail at once stop at the limit for every sequence of random numbers', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.integer({ min: 0, max: 120_000 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (wasLost, limitMs, randoms) => {
        let outage: Outage = { since: 0, lost: wasLost, failures: 0 };
        let now = 0;
        for (const random of randoms) {
          const attempt = nextAttempt(outage, { now, limitMs, random });
          if (!attempt) break;
          now += attempt.afterMs;
          outage = { ...outage, failures: outage.failures + 1 };
        }
        expect(now).toBeLessThanOrEqual(limitMs);
        expect(outage.failures).toBeLessThan(600);
      },
    ),
  );
});
