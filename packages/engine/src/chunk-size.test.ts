import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chunkBudgetMs, chunkSize } from './chunk-size.ts';

const situation = fc.record({
  remaining: fc.integer({ min: 1, max: 100_000 }),
  uncached: fc.integer({ min: 1, max: 100_000 }),
  msPerToken: fc.option(fc.double({ min: 0.001, max: 500, noNaN: true })),
  maxChunk: fc.integer({ min: 64, max: 4096 }),
});

describe('chunkSize', () => {
  it.each([
    { is: 'the lowest rung before anything was measured', remaining: 5000, uncached: 5000, msPerToken: null, size: 64 },
    {
      is: 'a sixteenth of the prompt, rounded down to a rung',
      remaining: 3000,
      uncached: 3000,
      msPerToken: 0.01,
      size: 128,
    },
    { is: 'what the budget affords', remaining: 100_000, uncached: 100_000, msPerToken: 0.7, size: 128 },
    { is: 'no more than the backend takes', remaining: 100_000, uncached: 100_000, msPerToken: 0.01, size: 512 },
    {
      is: 'smaller than a rung when a rung is over the budget',
      remaining: 5000,
      uncached: 5000,
      msPerToken: 5,
      size: 16,
    },
    {
      is: 'one token when that takes longer than the budget',
      remaining: 5000,
      uncached: 5000,
      msPerToken: 400,
      size: 1,
    },
    { is: 'what is left at the end', remaining: 7, uncached: 5000, msPerToken: 0.1, size: 7 },
  ])('is $is', ({ size, ...rest }) => {
    expect(chunkSize({ maxChunk: 512, ...rest })).toBe(size);
  });

  it('always moves on, within what is left, the backend, the budget and the ladder', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const size = chunkSize(given);
        expect(size).toBeGreaterThanOrEqual(1);
        expect(size).toBeLessThanOrEqual(Math.min(given.remaining, given.maxChunk));
        const { msPerToken, uncached, remaining } = given;
        expect(size === 1 || msPerToken === null || size * msPerToken <= chunkBudgetMs + 1e-9).toBe(true);
        expect(size <= 64 || size <= uncached / 16).toBe(true);
        expect(size === remaining || Number.isInteger(Math.log2(size))).toBe(true);
      }),
    );
  });

  it('reads a prompt of 1,024 tokens and more in 16 chunks at least', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 50_000 }), (uncached) => {
        let chunks = 0;
        for (let at = 0; at < uncached; chunks++) {
          at += chunkSize({ remaining: uncached - at, uncached, msPerToken: 0.0001, maxChunk: 1 << 20 });
        }
        expect(chunks).toBeGreaterThanOrEqual(16);
      }),
    );
  });
});
