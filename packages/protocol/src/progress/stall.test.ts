import { expect, it, onTestFinished, vi } from 'vitest';

import { sampleDone, sampleError, samplePrefill, sampleToken } from '../testing.ts';
import { StallWatch } from './stall-watch.ts';
import { isMoreDue, msToNextStall, stalledFor } from './stall.ts';

it('stalledFor counts whole seconds from 2 s without an event on', () => {
  expect([0, 1999, 2000, 2999, 3000, 125_400].map((ms) => stalledFor(ms))).toEqual([
    null,
    null,
    2000,
    2000,
    3000,
    125_000,
  ]);
});

it('stalledFor waits longer by the request’s progressIntervalMs', () => {
  expect([2000, 6999, 7000].map((ms) => stalledFor(ms, 5000))).toEqual([null, null, 7000]);
});

it.each([0, 5000, 60_000])('msToNextStall is the time until stalledFor changes (progressIntervalMs %i)', (interval) => {
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

it('isMoreDue is true during prefill and decode', () => {
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

it('a choice that ends changes nothing about whether the others are due', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const stalls: number[] = [];
  const watch = new StallWatch({ onStall: (ms) => stalls.push(ms) });
  watch.saw(samplePrefill({ phase: 'queued' }));
  watch.saw(sampleDone({ finishReason: 'cancelled', remaining: 1 }));
  vi.advanceTimersByTime(10_000);
  expect([stalls, vi.getTimerCount()]).toEqual([[], 0]);
  watch.saw(sampleToken());
  vi.advanceTimersByTime(1500);
  watch.saw(sampleDone({ index: 1, remaining: 1 }));
  vi.advanceTimersByTime(2100);
  expect(stalls).toEqual([2000]);
  watch.saw(sampleDone());
  expect(vi.getTimerCount()).toBe(0);
});
