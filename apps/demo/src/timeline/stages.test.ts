import { idleGeneration, type GenerationState, type RateSample } from '@headway/client/react';
import { expect, test } from 'vitest';

import { stagesOf } from './stages.ts';

const sample = (elapsedMs: number, phase: RateSample['phase'], fields: Partial<RateSample> = {}): RateSample => ({
  elapsedMs,
  phase,
  waiting: false,
  processed: 0,
  completionTokens: 0,
  ...fields,
});

const prefill = {
  type: 'prefill',
  seq: 4,
  index: 0,
  phase: 'prefill',
  queuePosition: null,
  processed: 4200,
  cached: 1200,
  total: 4200,
  elapsedMs: 8000,
  tokensPerSecond: 1000,
  etaMs: 0,
  estimated: false,
} as const;

const samples = [
  sample(10, 'loading'),
  sample(2010, 'queued'),
  sample(3010, 'prefill', { processed: 1200 }),
  sample(4010, 'prefill', { processed: 2200, waiting: true }),
  sample(6010, 'prefill', { processed: 2200 }),
  sample(8010, 'prefill', { processed: 4200 }),
  sample(9010, 'decode', { completionTokens: 44 }),
];

const writing: GenerationState = {
  ...idleGeneration,
  state: 'decode',
  prefill,
  samples,
  completionTokens: 44,
  tokensPerSecond: 44,
};

test('the stages of a running answer have the times of its events', () => {
  expect(stagesOf(writing)).toEqual([
    { kind: 'loading', ms: 2000, running: false },
    { kind: 'queued', ms: 1010, running: false },
    { kind: 'prefill', ms: 5000, running: false, tokens: 3000, cached: 1200, tokensPerSecond: 1000, waitedMs: 2000 },
    { kind: 'decode', ms: 1000, running: true, tokens: 44, tokensPerSecond: 44 },
  ]);
});

test('the stages of an ended answer have the gateway’s sums, whose queue includes the loading', () => {
  const timings = {
    queuedMs: 3010,
    prefillMs: 5000,
    decodeMs: 2000,
    timeToFirstTokenMs: 8030,
    prefillTokensPerSecond: 1000,
    decodeTokensPerSecond: 50,
  };
  const usage = { promptTokens: 4200, promptTotal: 4200, cachedTokens: 1200, completionTokens: 100 };
  const done = { ...writing, state: 'done' as const, usage, timings, completionTokens: 100, tokensPerSecond: 50 };
  expect(stagesOf(done).map(({ kind, ms }) => [kind, ms])).toEqual([
    ['loading', 2000],
    ['queued', 1010],
    ['prefill', 5000],
    ['decode', 2000],
  ]);
  const imported = { ...done, prefill: null, samples: [] };
  expect(stagesOf(imported).map(({ kind, ms }) => [kind, ms])).toEqual([
    ['queued', 3010],
    ['prefill', 5000],
    ['decode', 2000],
  ]);
});

test('a model that loads after the queue comes after it', () => {
  const [queue, load] = [sample(10, 'queued'), sample(1010, 'loading')];
  const reading = [sample(3010, 'prefill', { processed: 1200 })];
  expect(stagesOf({ ...writing, samples: [queue, load, ...reading] }).map(({ kind, ms }) => [kind, ms])).toEqual([
    ['queued', 1010],
    ['loading', 2000],
    ['prefill', 0],
    ['decode', 0],
  ]);
});

test('an answer that ended in the queue was neither read nor written', () => {
  const queued = { ...prefill, phase: 'queued' as const, queuePosition: 2, processed: 0, cached: 0 };
  const ended = { ...idleGeneration, state: 'done' as const, prefill: queued, samples: samples.slice(1, 2) };
  expect(stagesOf(ended).map(({ kind }) => kind)).toEqual(['queued']);
});
