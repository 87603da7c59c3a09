import { expect, it } from 'vitest';

import { formatProgress } from './format-progress.ts';
import { firstSnapshot, nextSnapshot, type ProgressSnapshot } from './progress-snapshot.ts';
import { sampleSpan, sampleToken } from '../testing.ts';

const prompt = { processed: 4096, cached: 0, total: 20_000 };
const read = sampleSpan({ number: 2, of: 7, name: 'letter.txt', processed: 8 });

const lines: [string, Partial<ProgressSnapshot>][] = [
  ['Sent', {}],
  ['Queued at the upstream', { prompt: { processed: 0, cached: 0, total: 9 } }],
  ['Queued, 1st', { queuePosition: 1 }],
  ['Queued, 2nd', { queuePosition: 2 }],
  ['Queued, 3rd', { queuePosition: 3 }],
  ['Queued, 11th', { queuePosition: 11 }],
  ['Queued, 22nd', { queuePosition: 22 }],
  ['Queued, 113th', { queuePosition: 113 }],
  ['Loading the model', { phase: 'loading' }],
  ['Loading the model: 0 %', { phase: 'loading', loaded: 0 }],
  ['Loading the model: 42 %', { phase: 'loading', loaded: 0.429 }],
  ['Loading the model: 99 %', { phase: 'loading', loaded: 1 }],
  [
    'Reading the prompt: 4,096 of 20,000 tokens (20 %), 7 s to go',
    { phase: 'prefill', prompt: { processed: 4096, cached: 1200, total: 20_000 }, etaMs: 6500 },
  ],
  [
    'Reading the prompt: about 4,096 of 20,000 tokens (20 %)',
    { phase: 'prefill', prompt: { processed: 4096, cached: 0, total: 20_000 }, estimated: true },
  ],
  [
    'Reading the prompt: 0 of 20,000 tokens (0 %)',
    { phase: 'prefill', prompt: { processed: 0, cached: 0, total: 20_000 } },
  ],
  [
    'Reading the prompt: 10 of 20,000 tokens (0 %), 2 min 5 s to go',
    { phase: 'prefill', prompt: { processed: 10, cached: 0, total: 20_000 }, etaMs: 124_100 },
  ],
  [
    'Reading the prompt: 9 of 9 tokens (100 %)',
    { phase: 'prefill', prompt: { processed: 9, cached: 0, total: 9 }, etaMs: 0 },
  ],
  [
    'Reading contract.pdf, 3 of 7: 4,096 of 20,000 tokens (20 %), 7 s to go',
    { phase: 'prefill', prompt, etaMs: 6500, spans: [read, sampleSpan({ number: 3, of: 7 })] },
  ],
  ['Reading the prompt: 4,096 of 20,000 tokens (20 %)', { phase: 'prefill', prompt, spans: [read] }],
  [
    'Reading a\\u001b[2J: 4,096 of 20,000 tokens (20 %)',
    { phase: 'prefill', prompt, spans: [sampleSpan({ name: 'a\u001b[2J' })] },
  ],
  [
    `Reading ${'x'.repeat(39)}…: 4,096 of 20,000 tokens (20 %)`,
    { phase: 'prefill', prompt, spans: [sampleSpan({ name: 'x'.repeat(256) })] },
  ],
  [
    'Waiting: another prompt is read first, 7 s to go',
    { phase: 'prefill', ahead: 1, prompt: { processed: 0, cached: 0, total: 9 }, etaMs: 6500 },
  ],
  [
    'Reading the prompt: 4,096 of 20,000 tokens (20 %), no news for 3 s',
    { phase: 'prefill', prompt: { processed: 4096, cached: 1200, total: 20_000 }, stalledMs: 3000 },
  ],
  [
    'Waiting: 2 others are read first, no news for 2 min 10 s',
    { phase: 'prefill', ahead: 2, prompt: { processed: 0, cached: 0, total: 9 }, stalledMs: 130_000 },
  ],
  [
    'Writing: 150 tokens, no news for 2 s',
    { phase: 'decode', completionTokens: 150, tokensPerSecond: 44.1, stalledMs: 2000 },
  ],
  ['Writing: 150 tokens, 44.1 tokens/s', { phase: 'decode', completionTokens: 150, tokensPerSecond: 44.1 }],
  ['Writing: 1 token', { phase: 'decode', completionTokens: 1 }],
  [
    'Done: 150 tokens, 44.1 tokens/s',
    { phase: 'ended', completionTokens: 150, tokensPerSecond: 44.14, outcome: 'stop' },
  ],
  ['Done, at the length limit: 20 tokens', { phase: 'ended', completionTokens: 20, outcome: 'length' }],
  ['Cancelled: 0 tokens', { phase: 'ended', outcome: 'cancelled' }],
  ['Failed: context-overflow', { phase: 'ended', outcome: 'context-overflow' }],
];

it.each(lines)('formatProgress returns %j', (line, snapshot) => {
  expect(formatProgress({ ...firstSnapshot({}), ...snapshot })).toBe(line);
});

it('a first token that has no rate yet shows none', () => {
  const before = firstSnapshot({});
  expect(formatProgress(nextSnapshot(before, sampleToken({ tokensPerSecond: 0 }), 5))).toBe('Writing: 1 token');
  expect(formatProgress(nextSnapshot(before, sampleToken({ tokensPerSecond: 41 }), 5))).toBe(
    'Writing: 1 token, 41.0 tokens/s',
  );
});
