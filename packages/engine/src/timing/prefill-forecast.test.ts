import { describe, expect, it } from 'vitest';

import { msUntilRead, type ReadingForecast } from './prefill-forecast.ts';

const turnMs = ({ tokens, position, decoders }: { tokens: number; position: number; decoders: number }) =>
  5 + tokens * (0.1 + position / 10_000) + 3 * decoders;

const chunkSize: ReadingForecast['chunkSize'] = ({ remaining }) => Math.min(64, remaining);

const state = (position: number, remaining: number) => ({ position, remaining, uncached: remaining });

/** Adds up chunk by chunk. */
function chunkByChunk(from: number, to: number, decoders: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 64) sum += turnMs({ tokens: Math.min(64, to - at), position: at, decoders });
  return sum;
}

describe('the time until a prompt is read', () => {
  it.each([
    [0, 1],
    [0, 100],
    [700, 3333],
    [0, 64_000],
  ])('adds up its chunks, from %i and %i tokens on', (position, remaining) => {
    const foreseen = msUntilRead({ own: state(position, remaining), ahead: [], decoders: 1, chunkSize, turnMs });
    expect(foreseen).toBeCloseTo(chunkByChunk(position, position + remaining, 1), 5);
  });

  it('is not foreseen chunk by chunk', () => {
    let asked = 0;
    const own = state(0, 1_000_000);
    msUntilRead({ own, ahead: [], decoders: 0, chunkSize, turnMs: () => ++asked });
    expect(asked).toBeLessThan(50);
  });

  it('has those before it in it, who decode when they are done', () => {
    const ahead = [state(100, 640), state(0, 128)];
    const foreseen = msUntilRead({ own: state(0, 256), ahead, decoders: 1, chunkSize, turnMs });
    expect(foreseen).toBeCloseTo(chunkByChunk(100, 740, 1) + chunkByChunk(0, 128, 2) + chunkByChunk(0, 256, 3), 5);
  });

  it('is nothing for what is read, and null when nothing is known', () => {
    const forecast = { ahead: [], decoders: 0, chunkSize };
    expect(msUntilRead({ ...forecast, own: state(9, 0), turnMs })).toBe(0);
    expect(msUntilRead({ ...forecast, own: state(0, 9), turnMs: () => null })).toBeNull();
  });
});
