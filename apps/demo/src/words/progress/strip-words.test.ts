import { idleGeneration } from '@headway/client/react';
import { expect, test } from 'vitest';

import { stripParts } from './strip-words.ts';

const prefill = {
  type: 'prefill',
  seq: 4,
  index: 0,
  phase: 'prefill',
  queuePosition: null,
  processed: 4096,
  cached: 1200,
  total: 4096,
  elapsedMs: 4000,
  tokensPerSecond: 1000,
  etaMs: 0,
  estimated: false,
} as const;

const timings = {
  queuedMs: 0,
  prefillMs: 3100,
  decodeMs: 2700,
  timeToFirstTokenMs: 3200,
  prefillTokensPerSecond: 934.2,
  decodeTokensPerSecond: 44,
};

const words = (answer: Parameters<typeof stripParts>[0]) =>
  stripParts(answer)
    .map(({ text, detail }) => [text, detail].filter(Boolean).join(' '))
    .join(' · ');

test('the strip of an ended answer has what was cached, read and written', () => {
  const usage = { promptTokens: 4096, promptTotal: 4096, cachedTokens: 1200, completionTokens: 120 };
  expect(words({ ...idleGeneration, prefill, usage, timings, completionTokens: 120, tokensPerSecond: 44 })).toBe(
    'cached 1,200 · read 2,896 in 3.1 s · wrote 120 at 44.0 tokens/s',
  );
});

test('the strip of an answer that is written has what is known', () => {
  expect(words({ ...idleGeneration, prefill, completionTokens: 1 })).toBe(
    'cached 1,200 · read 2,896 in 2.9 s · wrote 1',
  );
  const none = { ...prefill, cached: 0, processed: 4096 };
  expect(words({ ...idleGeneration, prefill: none })).toBe('read 4,096 in 4.1 s');
  expect(words(idleGeneration)).toBe('');
});

test('the time of reading leaves out the time in which other prompts were read', () => {
  const usage = { promptTokens: 4096, promptTotal: 4096, cachedTokens: 1200, completionTokens: 0 };
  const shared = { ...timings, prefillMs: 9000 };
  expect(words({ ...idleGeneration, prefill, usage, timings: shared })).toBe('cached 1,200 · read 2,896 in 3.1 s');
});

test('estimated tokens begin with “about”, and a forecast in the queue is no part', () => {
  expect(words({ ...idleGeneration, prefill: { ...prefill, cached: 0, estimated: true } })).toContain(
    'read about 4,096',
  );
  const queued = { ...prefill, phase: 'queued' as const, queuePosition: 1, processed: 1200 };
  expect(stripParts({ ...idleGeneration, prefill: queued })).toEqual([]);
});

test('the strip of an answer that ended early has what was not read, unless nothing was', () => {
  const usage = { promptTokens: 4096, promptTotal: 20_000, cachedTokens: 1200, completionTokens: 0 };
  expect(words({ ...idleGeneration, prefill, usage })).toBe('cached 1,200 · read 2,896 in 2.9 s · 15,904 not read');
  const none = { promptTokens: 0, promptTotal: 20_000, cachedTokens: 0, completionTokens: 0 };
  expect(words({ ...idleGeneration, prefill: null, usage: none })).toBe('');
});

test('a stall has no rate', () => {
  expect(words({ ...idleGeneration, completionTokens: 20, tokensPerSecond: 44, stalledMs: 2000 })).toBe('wrote 20');
});
