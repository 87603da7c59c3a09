import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { longestChunkMs, chunkSize } from './chunk-size.ts';

/** A machine on which each token of a chunk takes as long. */
const linear = (msPerToken: number) => (size: number) => size * msPerToken;

/** One on which a chunk takes so long whatever its size, and each token of it a little more. */
const weighty = (msPerChunk: number, msPerToken: number) => (size: number) => msPerChunk + size * msPerToken;

const known = (ms: Record<number, number>) => (size: number) => ms[size] ?? null;

const situation = fc.record({
  remaining: fc.integer({ min: 1, max: 100_000 }),
  uncached: fc.integer({ min: 1, max: 100_000 }),
  maxChunk: fc.integer({ min: 1, max: 4096 }),
  budgetMs: fc.integer({ min: 1, max: longestChunkMs }),
  ms: fc.dictionary(
    fc.constantFrom('8', '16', '32', '64', '128', '256', '512'),
    fc.double({ min: 0.01, max: 5000, noNaN: true }),
  ),
});

const long = { remaining: 102_400, uncached: 100_000, maxChunk: 512, budgetMs: longestChunkMs };

describe('chunkSize', () => {
  it.each([
    { is: 'the lowest rung before anything was measured', given: { predicted: known({}) }, size: 64 },
    {
      is: 'a sixteenth of the prompt, rounded down to a rung',
      given: { uncached: 3000, predicted: linear(0.01) },
      size: 128,
    },
    { is: 'what the budget affords', given: { predicted: linear(0.7) }, size: 128 },
    { is: 'less when streams wait for their tokens', given: { budgetMs: 30, predicted: linear(0.7) }, size: 32 },
    { is: 'no more than the backend takes', given: { predicted: linear(0.01) }, size: 512 },
    { is: 'smaller than a rung when a rung is over the budget', given: { predicted: linear(5) }, size: 16 },
    { is: 'no smaller than what keeps most of the speed', given: { predicted: weighty(200, 30) }, size: 32 },
    { is: 'a rung when half of it takes as long', given: { predicted: known({ 64: 110, 32: 115 }) }, size: 64 },
    { is: 'what is left at the end', given: { remaining: 7, predicted: linear(0.1) }, size: 7 },
    { is: 'what is over a multiple of 64, first', given: { remaining: 383, predicted: linear(0.1) }, size: 63 },
    { is: 'half of that when that is over the budget', given: { remaining: 383, predicted: linear(3) }, size: 32 },
    { is: 'a rung when hardly more than that is left', given: { remaining: 320, predicted: linear(0.1) }, size: 256 },
    { is: 'the last rung', given: { remaining: 64, predicted: linear(0.1) }, size: 64 },
  ])('is $is', ({ given, size }) => {
    expect(chunkSize({ ...long, ...given })).toBe(size);
  });

  it('always moves on, within what is left, the backend and the ladder', () => {
    fc.assert(
      fc.property(situation, ({ ms, ...given }) => {
        const size = chunkSize({ ...given, predicted: known(ms) });
        expect(size).toBeGreaterThanOrEqual(1);
        expect(size).toBeLessThanOrEqual(Math.min(given.remaining, given.maxChunk));
        expect(size <= 64 || size <= given.uncached / 16).toBe(true);
        expect(size < 64 || (Number.isInteger(Math.log2(size)) && given.remaining % 64 === 0)).toBe(true);
        expect(size <= 64 || (ms[size] ?? Infinity) <= given.budgetMs).toBe(true);
      }),
    );
  });

  it('reads a prompt of 1,024 tokens and more in 16 chunks at least', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 50_000 }), (uncached) => {
        let chunks = 0;
        for (let at = 0; at < uncached; chunks++) {
          const remaining = uncached - at;
          at += chunkSize({ ...long, remaining, uncached, predicted: linear(0.0001), maxChunk: 1 << 20 });
        }
        expect(chunks).toBeGreaterThanOrEqual(16);
      }),
    );
  });
});
