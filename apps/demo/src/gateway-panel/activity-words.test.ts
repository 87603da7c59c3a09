import type { GenerationInfo, ModelActivity } from '@headway/client';
import { expect, test } from 'vitest';

import {
  cacheWords,
  connectionWords,
  curveWords,
  memoryWords,
  modelPercent,
  modelWords,
  placeWords,
  requestTitle,
  requestWords,
  sizeWords,
  slotWords,
  speedWords,
  summaryWords,
  waitedWords,
} from './activity-words.ts';

const idle = { busy: false, generation: null, heldTokens: 0 };
const busy = { ...idle, busy: true };

const model = (more: Partial<ModelActivity> = {}): ModelActivity => ({
  id: 'a-model',
  state: 'ready',
  contextSize: 8192,
  sizeBytes: 4e8,
  slots: [busy, idle],
  queued: 0,
  ...more,
});

const info = (more: Partial<GenerationInfo>): GenerationInfo => ({
  id: 'mine',
  model: 'a-model',
  created: 0,
  state: 'prefill',
  queuePosition: null,
  processed: 4096,
  cached: 100,
  total: 20_000,
  completionTokens: 0,
  outcome: null,
  viewers: 1,
  ...more,
});

const minutes = (count: number) => ({
  intervalMs: 2000,
  prefill: Array.from({ length: count * 30 }, () => 0),
  decode: [],
});

test('the summary counts slots and waiting requests of all models', () => {
  expect(summaryWords({ models: [model(), model({ queued: 3 })] })).toBe('2 of 4 slots at work, 3 requests wait');
  expect(summaryWords({ models: [model({ slots: [busy], queued: 1 })] })).toBe('1 of 1 slot at work, 1 request waits');
  expect(summaryWords({ models: [model({ state: 'unloaded' })] })).toBe('No model is ready, nothing waits');
});

test.each([
  [{}, 'Ready'],
  [{ state: 'loading' }, 'Loading'],
  [{ state: 'loading', loaded: 0.428 }, 'Loading, 42 %'],
  [{ state: 'loading', loaded: 1 }, 'Loading, 99 %'],
  [{ state: 'unloaded' }, 'Not loaded; a request loads it'],
  [{ state: 'failed' }, 'Failed to load'],
] as const)('a model is told to be %o', (more, words) => {
  expect(modelWords(model(more))).toBe(words);
});

test('only a model that loads has a percentage', () => {
  expect([modelPercent({ state: 'ready', loaded: 0.5 }), modelPercent({ state: 'loading' })]).toEqual([null, null]);
  expect(modelPercent({ state: 'loading', loaded: 0 })).toBe(0);
});

test('a model tells its memory where that is measured, else the size of its weights', () => {
  expect(sizeWords(model({ memoryBytes: 412_300_000 }))).toBe('412.3 MB of memory, 8,192 tokens a slot');
  expect(sizeWords(model())).toBe('400.0 MB of weights, 8,192 tokens a slot');
  // Not loaded: it takes no memory.
  expect(sizeWords(model({ memoryBytes: null, contextSize: null }))).toBeNull();
});

test.each([
  [{}, 'Reading 4,096 of 20,000 tokens', null],
  [{ tokensPerSecond: 812, etaMs: 6200 }, 'Reading 4,096 of 20,000 tokens', '812 tokens/s, 7 s to go'],
  [{ ahead: 1, processed: 0, etaMs: 65_000 }, 'Waits for another prompt, 0 of 20,000 tokens read', '1 min 5 s to go'],
  [{ ahead: 3, tokensPerSecond: 5 }, 'Waits for 3 prompts, 4,096 of 20,000 tokens read', null],
  [{ state: 'decode', completionTokens: 1 }, 'Writing, 1 token', null],
  [{ state: 'decode', completionTokens: 384, tokensPerSecond: 44.14 }, 'Writing, 384 tokens, 44.1/s', null],
  [{ state: 'decode', completionTokens: 384, choices: 3 }, 'Writing 3 answers, 384 tokens', null],
] as const)('an own request %o', (more, words, speed) => {
  expect([requestWords(info(more)), speedWords(info(more))]).toEqual([words, speed]);
});

test('a slot of another key tells nothing but that it is in use', () => {
  expect([slotWords(busy), slotWords(idle), slotWords({ ...idle, heldTokens: 812 })]).toEqual([
    'In use',
    'Idle',
    'Idle, 812 tokens cached',
  ]);
  expect(slotWords({ ...idle, heldTokens: null })).toBe('Idle');
});

test('a waiting request tells its place and its time', () => {
  const waits = { generation: null, model: 'a-model', phase: 'queued', place: 2, waitedMs: 12_700 } as const;
  expect([placeWords(waits, false), waitedWords(waits)]).toEqual(['Place 2', '12 s']);
  expect([placeWords({ ...waits, place: null }, false), waitedWords({ ...waits, waitedMs: 400 })]).toEqual([
    'Waits',
    'just now',
  ]);
  expect(placeWords(waits, true)).toBe('Place 2 for a-model');
  const loads = { ...waits, phase: 'loading', place: null } as const;
  expect([placeWords(loads, false), placeWords(loads, true)]).toEqual(['Waits for the model', 'Waits for a-model']);
  expect([3000, 9900, 125_000].map((waitedMs) => waitedWords({ ...waits, waitedMs }))).toEqual([
    '3 s',
    '9 s',
    '2 min 5 s',
  ]);
});

test('the cache tells what it holds and what share of prompts it gave', () => {
  const slots = [
    { ...busy, heldTokens: 4000 },
    { ...idle, heldTokens: 200 },
  ];
  const cache = { promptTokens: 1000, cachedTokens: 337 };
  expect(cacheWords({ models: [model({ slots })], cache, rates: minutes(5) })).toBe(
    '4,200 tokens held in the slots. 34 % of the prompt tokens in the last 5 minutes came from the cache.',
  );
  const nothing = { promptTokens: 0, cachedTokens: 0 };
  expect(cacheWords({ models: [model()], cache: nothing, rates: minutes(0) })).toBe(
    'The slots hold nothing for your next prompts.',
  );
  const remote = [{ ...idle, heldTokens: null }];
  expect(cacheWords({ models: [model({ slots: remote })], cache: nothing, rates: minutes(0) })).toMatch(/own server/);
});

test('connections and the memory for models are told with their nouns', () => {
  expect(connectionWords({ connections: { sockets: 1, viewers: 1 } })).toBe(
    '1 connection open, 1 client reads answers',
  );
  expect(connectionWords({ connections: { viewers: 6 } })).toBe('6 clients read answers');
  expect(connectionWords({ connections: { viewers: 0 } })).toBe('No client reads an answer');
  expect(memoryWords({ memory: { limit: 8e9, used: 3.21e9 } })).toBe('3.2 GB of 8.0 GB for models in use');
  expect(memoryWords({})).toBeNull();
});

test('a curve is told in a sentence', () => {
  expect(curveWords([0, 100, 50], minutes(3))).toBe(
    '50.0 tokens/s now; 100 at most and 50.0 on average in the last 3 minutes.',
  );
  expect(curveWords([], minutes(0))).toBe('None in the last minute.');
});

test('a request is named by the page, else by its id', () => {
  expect(requestTitle('0123456789abcdef0123456789abcdef', null)).toBe('Request 01234567…');
  expect(requestTitle('short-id', undefined)).toBe('Request short-id');
  expect(requestTitle('short-id', 'My chat')).toBe('My chat');
});
