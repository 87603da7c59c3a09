import { expect, it } from 'vitest';

import { sampleDone, sampleError, samplePrefill, sampleToken } from '../testing.ts';
import { isMoreDue, msToNextStall, stalledFor } from './stall.ts';

it('counts a silence from 2 s on, in whole seconds', () => {
  expect([0, 1999, 2000, 2999, 3000, 125_400].map((ms) => stalledFor(ms))).toEqual([
    null,
    null,
    2000,
    2000,
    3000,
    125_000,
  ]);
});

it('waits as much longer as the request lets events wait', () => {
  expect([2000, 6999, 7000].map((ms) => stalledFor(ms, 5000))).toEqual([null, null, 7000]);
});

it.each([0, 5000, 60_000])('is looked at just when it says something else (interval %i)', (interval) => {
  let at = 0;
  for (let looks = 0; looks < 5; looks++) {
    const before = stalledFor(at, interval);
    const next = at + msToNextStall(at, interval);
    expect(next).toBeGreaterThan(at);
    expect(stalledFor(next - 1, interval)).toBe(before);
    expect(stalledFor(next, interval)).not.toBe(before);
    at = next;
  }
});

it('is looked out for while the prompt is read and the answer written', () => {
  const events = [
    samplePrefill({ phase: 'queued' }),
    samplePrefill({ phase: 'loading' }),
    samplePrefill(),
    sampleToken(),
    sampleDone({ remaining: 1 }),
    sampleDone(),
    sampleError(),
  ];
  expect(events.map(isMoreDue)).toEqual([false, false, true, true, true, false, false]);
});
