import { expect, test } from 'vitest';

import { ratesText, stageDetail, stageName, stageTime } from './stage-words.ts';

const words = (stage: Parameters<typeof stageName>[0]) =>
  [stageName(stage), stageTime(stage), stageDetail(stage)].join(' | ');

test('the stages of an ended answer have their durations, tokens and rates', () => {
  const read = { kind: 'prefill', ms: 3100, running: false, tokens: 2896, cached: 0, waitedMs: 0 } as const;
  expect(
    [
      { kind: 'queued', ms: 12, running: false } as const,
      { kind: 'queued', ms: 1234, running: false } as const,
      { kind: 'loading', ms: 2000, running: false } as const,
      { ...read, tokensPerSecond: 934 },
      { ...read, cached: 1200, tokensPerSecond: null, waitedMs: 2000 },
      { kind: 'decode', ms: 2700, running: false, tokens: 1, tokensPerSecond: null } as const,
    ].map(words),
  ).toEqual([
    'Queued | no wait | ',
    'Queued | 1.2 s | ',
    'Model loaded | 2.0 s | ',
    'Read | 3.1 s | 2,896 tokens at 934 tokens/s',
    'Read | 3.1 s | 2,896 tokens, 1,200 more from cache, 2.0 s of it waiting for other prompts',
    'Wrote | 2.7 s | 1 token',
  ]);
});

test('a running stage says so', () => {
  expect(words({ kind: 'decode', ms: 1000, running: true, tokens: 44, tokensPerSecond: 44 })).toBe(
    'Writing | 1.0 s so far | 44 tokens at 44.0 tokens/s',
  );
  expect(stageTime({ kind: 'queued', ms: 0, running: true })).toBe('0.00 s so far');
});

test('the rates are told in a sentence', () => {
  expect(ratesText('Reading', [1900.4, 2500, 2100], 3100)).toBe('Reading: between 1,900 and 2,500 tokens/s in 3.1 s');
});
