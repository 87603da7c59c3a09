import { expect, test } from 'vitest';

import { addSample, maxSamples, type RateSample } from './rate-samples.ts';

const sample = (elapsedMs: number, fields: Partial<RateSample> = {}): RateSample => ({
  elapsedMs,
  phase: 'decode',
  waiting: false,
  processed: 100,
  completionTokens: elapsedMs,
  ...fields,
});

function collect(added: readonly RateSample[]): RateSample[] {
  const samples: RateSample[] = [];
  for (const one of added) addSample(samples, one);
  return samples;
}

test('an hour of tokens leaves at most 256 samples, about evenly spaced, with the first and the last', () => {
  const samples = collect(Array.from({ length: 36_000 }, (_, n) => sample(n * 100)));
  expect(samples.length).toBeGreaterThan(maxSamples / 4);
  expect(samples.length).toBeLessThanOrEqual(maxSamples);
  expect(samples[0]?.elapsedMs).toBe(0);
  expect(samples.at(-1)?.elapsedMs).toBe(3_599_900);
  const gaps = samples.slice(1).map(({ elapsedMs }, at) => elapsedMs - (samples[at]?.elapsedMs ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * ((2 * 3_600_000) / maxSamples));
});

test('the last sample is the latest, however soon it follows', () => {
  const samples = collect([sample(0), sample(1), sample(2), sample(3)]);
  expect(samples.map(({ elapsedMs }) => elapsedMs)).toEqual([0, 3]);
});

test('each phase keeps its first and last sample, also a short one in a long generation', () => {
  const read = Array.from({ length: 5 }, (_, n) => sample(10 + n, { phase: 'prefill', processed: n }));
  const written = Array.from({ length: 5000 }, (_, n) => sample(100 + n * 100));
  const samples = collect([sample(0, { phase: 'queued' }), ...read, ...written]);
  expect(samples.slice(0, 4).map(({ phase, elapsedMs }) => [phase, elapsedMs])).toEqual([
    ['queued', 0],
    ['prefill', 10],
    ['prefill', 14],
    ['decode', 100],
  ]);
});

test('time never goes back, and phases without end stay within the bound', () => {
  const samples = collect(
    Array.from({ length: 2000 }, (_, n) => sample(n % 3, { phase: n % 2 === 0 ? 'queued' : 'loading' })),
  );
  expect(samples.length).toBeLessThanOrEqual(maxSamples);
  expect(samples.every(({ elapsedMs }, at) => elapsedMs >= (samples[at - 1]?.elapsedMs ?? 0))).toBe(true);
});
