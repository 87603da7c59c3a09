import type { RateSample } from '@headway/client/react';
import { expect, test } from 'vitest';

import { ratesOf } from './rates.ts';

const sample = (elapsedMs: number, phase: RateSample['phase'], fields: Partial<RateSample> = {}): RateSample => ({
  elapsedMs,
  phase,
  waiting: false,
  processed: 0,
  completionTokens: 0,
  ...fields,
});

const rates = (samples: RateSample[], phase: 'prefill' | 'decode') =>
  ratesOf(samples, phase).map(({ tokensPerSecond }) => Math.round(tokensPerSecond));

test('cached tokens are no reading, and the queue counts for no rate', () => {
  const read = [0, 1, 2, 3, 4].map((at) => sample(5000 + at * 100, 'prefill', { processed: 1200 + at * 200 }));
  expect(rates([sample(0, 'queued'), sample(4000, 'loading'), ...read], 'prefill')).toEqual([2000, 2000]);
});

test('the time in which other prompts were read counts for no rate', () => {
  const samples = [
    sample(0, 'prefill'),
    sample(100, 'prefill', { processed: 100 }),
    sample(200, 'prefill', { processed: 200 }),
    sample(700, 'prefill', { processed: 200, waiting: true }),
    sample(1200, 'prefill', { processed: 200, waiting: true }),
    sample(1600, 'prefill', { processed: 300 }),
    sample(1700, 'prefill', { processed: 400 }),
    sample(1800, 'prefill', { processed: 500 }),
  ];
  expect(rates(samples, 'prefill')).toEqual([1000, 1000]);
  expect(ratesOf(samples, 'prefill').at(-1)?.toMs).toBe(400);
});

test('an answer’s rate shows where it slowed down', () => {
  const written = (from: number, ms: number, tokens: number) =>
    [1, 2, 3, 4].map((at) => sample(from + at * ms, 'decode', { completionTokens: tokens + at }));
  const samples = [sample(1000, 'prefill'), ...written(1000, 100, 0), ...written(1400, 400, 4)];
  const [first, ...rest] = rates(samples, 'decode');
  expect(first).toBeGreaterThan(rest.at(-1) ?? Number.POSITIVE_INFINITY);
  expect(rest.at(-1)).toBeCloseTo(2.5, -1);
  expect(ratesOf(samples, 'decode').at(-1)?.toMs).toBe(2000);
});

test('a phase too short for two parts has no chart', () => {
  expect(ratesOf([], 'prefill')).toEqual([]);
  expect(ratesOf([sample(0, 'prefill'), sample(5, 'prefill', { processed: 5 })], 'prefill')).toEqual([]);
  expect(ratesOf([sample(0, 'prefill'), sample(5, 'prefill')], 'decode')).toEqual([]);
});

test('a long answer has a bounded number of points', () => {
  const samples = Array.from({ length: 256 }, (_, at) => sample(at * 100, 'decode', { completionTokens: at * 4 }));
  const points = ratesOf(samples, 'decode');
  expect(points).toHaveLength(32);
  for (const { tokensPerSecond } of points) expect(tokensPerSecond).toBeCloseTo(40, 5);
});
