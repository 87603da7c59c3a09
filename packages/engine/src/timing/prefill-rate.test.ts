import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PrefillRate, tokensPerSecond, type ChunkLoad } from './prefill-rate.ts';

/** A machine whose attention costs as much as the rest at position 800, as measured with a small model. */
const machine = ({ tokens, position, decoders }: ChunkLoad) =>
  (3 + 0.3 * tokens + (0.3 / 800) * tokens * (position + tokens / 2) + 2 * decoders) * (tokens < 64 ? 2 : 1);

/** Adds the chunks of a prompt, all of one size, to the rate. */
function read(
  rate: PrefillRate,
  { from = 0, to = 4096, tokens = 64, decoders = 0, ms = machine }: Partial<Reading> = {},
): void {
  for (let position = from; position + tokens <= to; position += tokens) {
    const load = { tokens, position, decoders };
    rate.add(load, ms(load, position / tokens));
  }
}

interface Reading {
  from: number;
  to: number;
  tokens: number;
  decoders: number;
  ms: (load: ChunkLoad, at: number) => number;
}

/** The relative error of the prediction. */
const error = (rate: PrefillRate, load: ChunkLoad, ms = machine(load)) =>
  Math.abs((rate.predictMs(load) ?? 0) / ms - 1);

/** Seeded noise from 0 to 1. */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

describe('PrefillRate', () => {
  it('predicts nothing before the first chunk', () => {
    const rate = new PrefillRate();
    rate.add({ tokens: 0, position: 0, decoders: 0 }, 10);
    const load = { tokens: 64, position: 0, decoders: 0 };
    expect([rate.msPerToken, rate.predictMs(load), rate.predictIntervalMs(load)]).toEqual([null, null, null]);
  });

  it('predicts other sizes in proportion to the first chunk, with some cost for attention', () => {
    const rate = new PrefillRate();
    rate.add({ tokens: 64, position: 0, decoders: 0 }, 32);
    expect(rate.predictMs({ tokens: 64, position: 0, decoders: 0 })).toBeCloseTo(32, 0);
    expect(rate.predictMs({ tokens: 128, position: 0, decoders: 0 })).toBeCloseTo(64, 0);
    expect(rate.predictMs({ tokens: 64, position: 4096, decoders: 0 })).toBeGreaterThan(48);
  });

  it('learns from one prompt how the time grows with the position, and predicts unseen chunk sizes', () => {
    const rate = new PrefillRate();
    read(rate, { to: 2048 });
    for (const position of [0, 500, 1500, 4000])
      expect(error(rate, { tokens: 64, position, decoders: 0 })).toBeLessThan(0.03);
    expect(error(rate, { tokens: 256, position: 1000, decoders: 0 })).toBeLessThan(0.1);
  });

  it('fits small chunks and chunks beside decoders separately', () => {
    const rate = new PrefillRate();
    read(rate);
    read(rate, { tokens: 32, to: 512 });
    read(rate, { decoders: 2, to: 2048 });
    for (const position of [0, 2000]) {
      expect(error(rate, { tokens: 64, position, decoders: 0 })).toBeLessThan(0.03);
      expect(error(rate, { tokens: 32, position: position / 4, decoders: 0 })).toBeLessThan(0.05);
      expect(error(rate, { tokens: 64, position, decoders: 2 })).toBeLessThan(0.05);
    }
  });

  it('stays within 15% despite stalls of a shared machine', () => {
    const rate = new PrefillRate();
    const random = noise(7);
    const ms = (load: ChunkLoad) => machine(load) * (0.95 + 0.1 * random()) + (random() < 0.1 ? 500 : 0);
    for (let prompt = 0; prompt < 4; prompt++) read(rate, { ms });
    for (const position of [0, 1000, 4000])
      expect(error(rate, { tokens: 64, position, decoders: 0 })).toBeLessThan(0.15);
  });

  it('follows a machine that becomes slower within 10 chunks, and recovers when it is fast again', () => {
    const rate = new PrefillRate();
    read(rate);
    const slower = (load: ChunkLoad) => 2.5 * machine(load);
    read(rate, { to: 10 * 64, ms: slower });
    const load = { tokens: 64, position: 1000, decoders: 0 };
    expect(error(rate, load, slower(load))).toBeLessThan(0.15);
    for (let prompt = 0; prompt < 10; prompt++) read(rate);
    expect(error(rate, load)).toBeLessThan(0.03);
  });

  it('never predicts less time for more tokens, a later position or more decoders', () => {
    const load = fc.record({
      tokens: fc.integer({ min: 64, max: 512 }),
      position: fc.integer({ min: 0, max: 100_000 }),
      decoders: fc.integer({ min: 0, max: 4 }),
    });
    const seen = fc.array(fc.tuple(load, fc.double({ min: 0.01, max: 10_000, noNaN: true })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(seen, load, fc.integer({ min: 1, max: 500 }), (chunks, one, more) => {
        const rate = new PrefillRate();
        for (const [chunk, ms] of chunks) rate.add(chunk, ms);
        const ms = rate.predictMs(one) ?? Number.NaN;
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(Number.POSITIVE_INFINITY);
        const rises = (load: ChunkLoad) => expect(rate.predictMs(load)).toBeGreaterThanOrEqual(ms * (1 - 1e-9));
        rises({ ...one, tokens: one.tokens + more });
        rises({ ...one, position: one.position + more });
        if (one.decoders > 0) rises({ ...one, decoders: one.decoders + more });
      }),
    );
  });
});

it('tokens per second are null when there is nothing to divide', () => {
  expect([tokensPerSecond(0, 10), tokensPerSecond(10, 0), tokensPerSecond(10, 500)]).toEqual([null, null, 20]);
});
