import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { chunkSize, longestChunkMs, longestLoneChunkMs } from './chunk-size.ts';

/** A machine whose chunk time is proportional to the tokens. */
const linear = (msPerToken: number) => (size: number) => size * msPerToken;

/** A machine with a fixed time per chunk and a time per token. */
const withFixedCost = (msPerChunk: number, msPerToken: number) => (size: number) => msPerChunk + size * msPerToken;

const known = (ms: Record<number, number>) => (size: number) => ms[size] ?? null;

const situation = fc.record({
  remaining: fc.integer({ min: 1, max: 100_000 }),
  uncached: fc.integer({ min: 1, max: 100_000 }),
  maxChunk: fc.integer({ min: 1, max: 4096 }),
  budgetMs: fc.integer({ min: 1, max: longestChunkMs }),
  limitMs: fc.integer({ min: 1, max: longestLoneChunkMs }),
  ms: fc.dictionary(
    fc.constantFrom('8', '16', '32', '64', '128', '256', '512'),
    fc.double({ min: 0.01, max: 5000, noNaN: true }),
  ),
});

const long = {
  remaining: 102_400,
  uncached: 100_000,
  maxChunk: 512,
  budgetMs: longestChunkMs,
  limitMs: longestChunkMs,
};

describe('chunkSize', () => {
  it.each([
    { is: '64 before anything is measured', fields: { predicted: known({}) }, size: 64 },
    {
      is: 'a sixteenth of the prompt, rounded down to a ladder size',
      fields: { uncached: 3000, predicted: linear(0.01) },
      size: 128,
    },
    { is: 'the largest size within the budget', fields: { predicted: linear(0.7) }, size: 128 },
    { is: 'smaller with a smaller limit', fields: { budgetMs: 30, limitMs: 30, predicted: linear(0.7) }, size: 32 },
    { is: '64 within the limit, though beyond the budget', fields: { limitMs: 500, predicted: linear(5) }, size: 64 },
    {
      is: 'compared with 64 also after a smaller chunk',
      fields: { remaining: 102_432, predicted: known({ 64: 200, 32: 110, 16: 66 }) },
      size: 32,
    },
    {
      is: '64 where the streams between smaller chunks cost too much',
      fields: { predicted: linear(3), interval: withFixedCost(100, 3) },
      size: 64,
    },
    { is: 'no less than 16', fields: { predicted: linear(50) }, size: 16 },
    { is: 'at most maxChunk', fields: { predicted: linear(0.01) }, size: 512 },
    { is: 'less than 64 when 64 exceed the budget', fields: { predicted: linear(5) }, size: 16 },
    { is: 'no smaller than keeps most of the speed', fields: { predicted: withFixedCost(200, 30) }, size: 32 },
    { is: '64 when 32 take as long', fields: { predicted: known({ 64: 110, 32: 115 }) }, size: 64 },
    { is: 'the remaining tokens at the end', fields: { remaining: 7, predicted: linear(0.1) }, size: 7 },
    { is: 'the remainder over a multiple of 64, first', fields: { remaining: 383, predicted: linear(0.1) }, size: 63 },
    {
      is: 'half of the remainder when that exceeds the budget',
      fields: { remaining: 383, predicted: linear(3) },
      size: 32,
    },
    { is: 'the largest ladder size within the rest', fields: { remaining: 320, predicted: linear(0.1) }, size: 256 },
    { is: '64 when 64 remain', fields: { remaining: 64, predicted: linear(0.1) }, size: 64 },
  ])('is $is', ({ fields, size }) => {
    expect(chunkSize({ ...long, ...fields })).toBe(size);
  });

  it('is at least 1 and within the remaining tokens, maxChunk, the ladder and the budget', () => {
    fc.assert(
      fc.property(situation, ({ ms, ...fields }) => {
        const size = chunkSize({ ...fields, predicted: known(ms) });
        expect(size).toBeGreaterThanOrEqual(1);
        expect(size).toBeLessThanOrEqual(Math.min(fields.remaining, fields.maxChunk));
        expect(size <= 64 || size <= fields.uncached / 16).toBe(true);
        expect(size < 64 || (Number.isInteger(Math.log2(size)) && fields.remaining % 64 === 0)).toBe(true);
        expect(size <= 64 || (ms[size] ?? Infinity) <= fields.budgetMs).toBe(true);
      }),
    );
  });

  it('splits a prompt of at least 1,024 tokens into at least 16 chunks', () => {
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
