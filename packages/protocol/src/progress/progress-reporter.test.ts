import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { GenerationEvent } from '../schema/events/event.ts';
import { sampleDone, sampleError, samplePrefill, sampleToken } from '../testing.ts';
import { createProgressReporter, type ReporterOptions } from './progress-reporter.ts';
import type { ProgressSnapshot } from './progress-snapshot.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Report extends ProgressSnapshot {
  at: number;
}

function open(options: ReporterOptions = {}) {
  let time = 0;
  const reports: Report[] = [];
  const report = createProgressReporter((snapshot) => void reports.push({ ...snapshot, at: time }), {
    now: () => time,
    ...options,
  });
  return {
    reports,
    report,
    pass: (ms: number) => {
      // In small steps, so that each timer sees the time at which it fires.
      const until = time + ms;
      while (time < until) {
        const step = Math.min(1, until - time);
        time += step;
        vi.advanceTimersByTime(step);
      }
    },
  };
}

const queued = (queuePosition: number, seq: number) => samplePrefill({ seq, phase: 'queued', queuePosition });

describe('a progress reporter', () => {
  it('delivers a snapshot that it held back as soon as the throttle allows, also without another event', () => {
    const { reports, report, pass } = open();
    void report(queued(3, 0));
    pass(10);
    void report(queued(2, 1));
    void report(queued(1, 2));
    expect(reports.map(({ queuePosition }) => queuePosition)).toEqual([3]);
    pass(1000);
    expect(reports.map(({ queuePosition, at }) => [queuePosition, at])).toEqual([
      [3, 0],
      [1, 50],
    ]);
    void report(sampleDone({ seq: 3 }));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stays under the cap at 5,000 events a second, reports the first and the last, and keeps exact counts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 400 }),
        (maxPerSecond, everyMs, everyTokens, tokens) => {
          const { reports, report, pass } = open({ maxPerSecond, everyMs, everyTokens });
          void report(samplePrefill({ id: 'g', seq: 0, processed: 10, total: 10 }));
          for (let at = 1; at <= tokens; at++) {
            pass(0.2);
            void report(sampleToken({ seq: at, completionTokens: at }));
          }
          void report(sampleDone({ seq: tokens + 1 }));
          pass(500);
          expect(reports[0]).toMatchObject({ phase: 'prefill', completionTokens: 0, isFinal: false });
          expect(reports.filter(({ isFinal }) => isFinal)).toEqual([reports.at(-1)]);
          expect(reports.at(-1)).toMatchObject({ outcome: 'stop', completionTokens: tokens });
          const counted = reports.map(({ completionTokens }) => completionTokens);
          expect(counted).toEqual(counted.toSorted((a, b) => a - b));
          const between = reports.slice(0, -1).map(({ at }) => at);
          for (const [n, at] of between.entries()) {
            expect(n === 0 ? Number.POSITIVE_INFINITY : at - (between[n - 1] ?? 0)).toBeGreaterThanOrEqual(
              1000 / maxPerSecond - 1e-6,
            );
          }
          expect(vi.getTimerCount()).toBe(0);
        },
      ),
    );
  });

  it('clears etaMs and counts stalled seconds after 2 s without an event, until the next event', () => {
    const { reports, report, pass } = open();
    void report(samplePrefill({ processed: 5, etaMs: 28_000, tokensPerSecond: 100 }));
    pass(4100);
    void report(samplePrefill({ seq: 1, processed: 6, etaMs: 27_000 }));
    pass(1000);
    void report(samplePrefill({ seq: 2, processed: 10, etaMs: 0 }));
    void report(sampleToken({ seq: 3 }));
    pass(2000);
    void report(sampleDone({ seq: 4 }));
    pass(10_000);
    expect(reports.map(({ at, phase, etaMs, stalledMs }) => [at, phase, etaMs, stalledMs])).toEqual([
      [0, 'prefill', 28_000, null],
      [2000, 'prefill', null, 2000],
      [3000, 'prefill', null, 3000],
      [4000, 'prefill', null, 4000],
      [4100, 'prefill', 27_000, null],
      [5100, 'prefill', 0, null],
      [5150, 'decode', null, null],
      [7100, 'decode', null, 2000],
      [7100, 'ended', null, null],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reports no stall while queued, while loading, or within progressIntervalMs', () => {
    const { reports, report, pass } = open({ progressIntervalMs: 5000 });
    void report(queued(1, 0));
    pass(5000);
    void report(samplePrefill({ seq: 1, phase: 'loading', total: null }));
    pass(5000);
    expect(vi.getTimerCount()).toBe(0);
    void report(samplePrefill({ seq: 2 }));
    pass(6999);
    expect(reports.map(({ stalledMs }) => stalledMs)).toEqual([null, null, null]);
    pass(1);
    expect(reports.at(-1)).toMatchObject({ stalledMs: 7000 });
    void report(sampleError({ seq: 3 }));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('warns once of a hook that throws or rejects, and catches both', async () => {
    for (const hook of [
      () => {
        throw new Error('broken');
      },
      async () => {
        await Promise.resolve();
        throw new Error('broken');
      },
    ]) {
      const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const report = createProgressReporter(hook, { everyMs: 0 });
      for (const event of life()) expect(report(event)).toBeUndefined();
      await vi.advanceTimersByTimeAsync(10);
      expect(warn).toHaveBeenCalledTimes(1);
      warn.mockRestore();
    }
  });

  it('with strict rejects after the last event with the hook’s first error, also one of the final call', async () => {
    let calls = 0;
    const throwing = createProgressReporter(
      () => {
        throw new Error(`call ${++calls}`);
      },
      { strict: true, everyMs: 0, maxPerSecond: Number.POSITIVE_INFINITY },
    );
    await expect(life().map(throwing).at(-1)).rejects.toThrow('call 1');
    const rejecting = createProgressReporter(
      async ({ isFinal }) => {
        await Promise.resolve();
        if (isFinal) throw new Error('the last call');
      },
      { strict: true },
    );
    await expect(life().map(rejecting).at(-1)).rejects.toThrow('the last call');
    const fine = createProgressReporter(async () => undefined, { strict: true });
    await expect(life().map(fine).at(-1)).resolves.toBeUndefined();
  });

  it('has no outcome before the end, and then the worst of all choices', () => {
    const { reports, report } = open({ everyMs: 0, maxPerSecond: Number.POSITIVE_INFINITY });
    void report(samplePrefill({ processed: 10 }));
    void report(sampleError({ seq: 1, index: 0, remaining: 2 }));
    void report(sampleDone({ seq: 2, index: 1, remaining: 1, finishReason: 'cancelled' }));
    void report(sampleDone({ seq: 3, index: 2, remaining: 0 }));
    expect(reports.map(({ outcome, isFinal }) => [outcome, isFinal])).toEqual([
      [null, false],
      [null, false],
      [null, false],
      ['internal', true],
    ]);
  });

  it('warns on the console if `process` has no emitWarning', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.stubGlobal('process', { env: {} });
    const report = createProgressReporter(() => {
      throw new Error('broken');
    });
    void report(samplePrefill());
    vi.unstubAllGlobals();
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});

function life(): GenerationEvent[] {
  return [samplePrefill({ id: 'g', processed: 10 }), sampleToken(), sampleDone()];
}
