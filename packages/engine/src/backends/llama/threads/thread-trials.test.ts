import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  bestThreads,
  decodeTrials,
  nextTrial,
  threadCandidates,
  type TimedTrial,
  type Trial,
  type Work,
} from './thread-trials.ts';

const expected = { decode: 2, prefill: 30 };

/** Runs trials on a simulated machine until none is left or the time is up. */
function measure(candidates: readonly number[], msOf: (trial: Trial, at: number) => number, budgetMs = 1000) {
  const timed: TimedTrial[] = [];
  let leftMs = budgetMs;
  for (;;) {
    const trial = nextTrial({ candidates, timed, expected, leftMs });
    if (trial === null) return { timed, leftMs, best: bestThreads(candidates, timed) };
    const ms = msOf(trial, timed.length);
    leftMs -= ms;
    timed.push({ ...trial, ms });
  }
}

const counted = (timed: readonly TimedTrial[], work: Work, threads: number) =>
  timed.filter((trial) => trial.work === work && trial.threads === threads).length;

describe('thread candidates', () => {
  it.each([
    [1, [1]],
    [2, [1, 2]],
    [3, [1, 3]],
    [4, [2, 4, 1]],
    [8, [4, 8, 2, 1]],
    [12, [6, 12, 3, 1]],
    [64, [32, 64, 16, 8, 4, 2, 1]],
  ])('of %d cores are %j', (cores, candidates) => {
    expect(threadCandidates(cores)).toEqual(candidates);
  });
});

describe('the chosen count', () => {
  it('is the fastest of each kind of work', () => {
    const { best } = measure([2, 4, 1], ({ work, threads }) => (work === 'decode' ? threads : 40 / threads));
    expect(best).toEqual({ decode: 1, prefill: 4 });
  });

  it.each([
    { is: 'a slightly faster smaller count', times: { 2: 20, 4: 20, 1: 19 }, best: 2 },
    { is: 'a clearly faster smaller count', times: { 2: 20, 4: 20, 1: 17 }, best: 1 },
    { is: 'a clearly faster larger count', times: { 2: 20, 4: 14, 1: 40 }, best: 2 },
    { is: 'a much faster larger count', times: { 2: 20, 4: 12, 1: 40 }, best: 4 },
    { is: 'several faster counts', times: { 2: 20, 4: 12, 1: 11 }, best: 1 },
  ])('compares the safest count with $is', ({ times, best }) => {
    const msOf = ({ threads }: Trial) => times[threads as keyof typeof times];
    expect(measure([2, 4, 1], msOf).best).toEqual({ decode: best, prefill: best });
  });

  it('is larger only for a greater gain, and more so for tokens than for chunks', () => {
    const { best } = measure([2, 4, 1], ({ threads }) => ({ 1: 40, 2: 20, 4: 13 })[threads] ?? 0);
    expect(best).toEqual({ decode: 2, prefill: 4 });
  });

  it('is never one that is fast in only half of its trials', () => {
    const { best } = measure([1, 2], ({ threads }, at) => (threads === 1 ? 10 : at % 8 < 4 ? 5 : 25));
    expect(best).toEqual({ decode: 1, prefill: 1 });
  });

  it('does not depend on one delayed trial', () => {
    const { best } = measure([1, 2], ({ threads }, at) => (at < 4 ? 60 : threads === 1 ? 10 : 6));
    expect(best).toEqual({ decode: 2, prefill: 2 });
  });

  it('is not a larger one because trials of the safest count were delayed', () => {
    const { best } = measure([1, 2], ({ threads }, at) => (threads === 2 ? 8 : at % 8 < 4 ? 10 : 30));
    expect(best).toEqual({ decode: 1, prefill: 1 });
  });

  it('is the safest count without any trial', () => {
    expect(bestThreads([4, 8, 2, 1], [])).toEqual({ decode: 4, prefill: 4 });
  });

  it('is a larger count with a smaller lead where threads are kept between batches', () => {
    const { timed } = measure([1, 2], ({ work, threads }) => (work === 'decode' ? 30 / (1 + 0.5 * (threads - 1)) : 9));
    expect(bestThreads([1, 2], timed)).toEqual({ decode: 1, prefill: 1 });
    expect(bestThreads([1, 2], timed, { keepsThreads: true })).toEqual({ decode: 2, prefill: 1 });
  });

  it('is the best seen so far when the time is up', () => {
    const { timed, best } = measure([4, 8, 2, 1], ({ work, threads }) => (work === 'decode' ? 240 : 900) / threads);
    expect(counted(timed, 'prefill', 1)).toBe(0);
    expect(best).toEqual({ decode: 8, prefill: 8 });
  });
});

describe('the reported time of a decode step', () => {
  it('is that of the trials that nothing held up, fewest threads first', () => {
    const { timed } = measure([2, 4, 1], ({ threads }) => ({ 1: 12, 2: 7, 4: 5 })[threads] ?? 0);
    expect(decodeTrials(timed)).toEqual([
      { threads: 1, ms: 12 },
      { threads: 2, ms: 7 },
      { threads: 4, ms: 5 },
    ]);
    const late = [9, 40, 8, 50, 60, 70, 80, 90].map((ms): TimedTrial => ({ work: 'decode', threads: 1, ms }));
    expect(decodeTrials(late)).toEqual([{ threads: 1, ms: 9 }]);
  });

  it('is left out for a count that was given up, or tried once', () => {
    const { timed } = measure([1, 2], ({ threads }) => (threads === 1 ? 2 : 20));
    expect(decodeTrials(timed)).toEqual([{ threads: 1, ms: 2 }]);
    expect(decodeTrials(timed.slice(0, 4))).toEqual([]);
  });
});

describe('the trials', () => {
  it('are as many for each count, and enough', () => {
    const { timed } = measure([1, 2], () => 5);
    for (const work of ['decode', 'prefill'] as const)
      expect([1, 2].map((threads) => counted(timed, work, threads))).toEqual([8, 8]);
  });

  it('leave out a count that is far too slow', () => {
    const { timed } = measure([1, 2], ({ threads }) => (threads === 1 ? 2 : 20));
    expect(counted(timed, 'decode', 1)).toBe(8);
    expect(counted(timed, 'decode', 2)).toBe(2);
  });

  it('begin with what is expected to fit into the time', () => {
    expect(nextTrial({ candidates: [1, 2], timed: [], expected, leftMs: 20 })).toEqual({ work: 'decode', threads: 1 });
    expect(nextTrial({ candidates: [1, 2], timed: [], expected, leftMs: 1 })).toBeNull();
    const afterTokens = [1, 2].map((threads): TimedTrial => ({ work: 'decode', threads, ms: 2 }));
    expect(nextTrial({ candidates: [1, 2], timed: afterTokens, expected, leftMs: 31 })?.work).toBe('prefill');
    expect(nextTrial({ candidates: [1, 2], timed: afterTokens, expected, leftMs: 29 })?.work).toBe('decode');
  });

  it('end in time when every trial takes as long as the one before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 256 }),
        fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 16 }),
        fc.integer({ min: 0, max: 2000 }),
        (cores, times, budgetMs) => {
          const candidates = threadCandidates(cores);
          const slowest = Math.max(...times);
          const msOf = ({ work, threads }: Trial) => times[(threads + work.length) % times.length] ?? 1;
          const { leftMs, best } = measure(candidates, msOf, budgetMs);
          expect(leftMs).toBeGreaterThanOrEqual(-slowest);
          expect(candidates).toContain(best.decode);
          expect(candidates).toContain(best.prefill);
        },
      ),
    );
  });
});
