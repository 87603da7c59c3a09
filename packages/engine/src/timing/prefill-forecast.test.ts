import { describe, expect, it } from 'vitest';

import { msUntilPrefilled, type PrefillForecast } from './prefill-forecast.ts';

const intervalMs = ({ tokens, position, decoders }: { tokens: number; position: number; decoders: number }) =>
  5 + tokens * (0.1 + position / 10_000) + 3 * decoders;

const chunkSize: PrefillForecast['chunkSize'] = ({ remaining }) => Math.min(64, remaining);

const state = (position: number, remaining: number) => ({ position, remaining, uncached: remaining });

/** The sum over every single chunk. */
function chunkByChunk(from: number, to: number, decoders: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 64) sum += intervalMs({ tokens: Math.min(64, to - at), position: at, decoders });
  return sum;
}

describe('msUntilPrefilled', () => {
  it.each([
    [0, 1],
    [0, 100],
    [700, 3333],
    [0, 64_000],
  ])('equals the sum of the chunks from position %i for %i tokens', (position, remaining) => {
    const predicted = msUntilPrefilled({
      own: state(position, remaining),
      ahead: [],
      decoders: 1,
      chunkSize,
      intervalMs,
    });
    expect(predicted).toBeCloseTo(chunkByChunk(position, position + remaining, 1), 5);
  });

  it('makes fewer than 50 predictions for a prompt of a million tokens', () => {
    let predictions = 0;
    const own = state(0, 1_000_000);
    msUntilPrefilled({ own, ahead: [], decoders: 0, chunkSize, intervalMs: () => ++predictions });
    expect(predictions).toBeLessThan(50);
  });

  it('includes the prompts ahead, which decode after their prefill', () => {
    const ahead = [state(100, 640), state(0, 128)];
    const predicted = msUntilPrefilled({ own: state(0, 256), ahead, decoders: 1, chunkSize, intervalMs });
    expect(predicted).toBeCloseTo(chunkByChunk(100, 740, 1) + chunkByChunk(0, 128, 2) + chunkByChunk(0, 256, 3), 5);
  });

  it('is 0 for a prefilled prompt, and null when no interval is known', () => {
    const forecast = { ahead: [], decoders: 0, chunkSize };
    expect(msUntilPrefilled({ ...forecast, own: state(9, 0), intervalMs })).toBe(0);
    expect(msUntilPrefilled({ ...forecast, own: state(0, 9), intervalMs: () => null })).toBeNull();
  });
});
