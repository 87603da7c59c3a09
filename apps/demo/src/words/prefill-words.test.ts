import type { PrefillEvent } from '@headway/client';
import { expect, test } from 'vitest';

import { percent, percentLoaded, prefillDetail, prefillTitle, prefillValueText } from './prefill-words.ts';

const reading: PrefillEvent = {
  type: 'prefill',
  seq: 4,
  index: 0,
  phase: 'prefill',
  queuePosition: null,
  processed: 4096,
  cached: 1200,
  total: 20_000,
  elapsedMs: 1500,
  tokensPerSecond: 2300,
  etaMs: 6600,
  estimated: false,
};

const queued = (queuePosition: number | null): PrefillEvent => ({
  ...reading,
  phase: 'queued',
  queuePosition,
  processed: 0,
  etaMs: null,
});

test('the words during prefill give the tokens read, the cached ones and the time to go', () => {
  expect(prefillTitle(reading)).toBe('Reading the prompt');
  expect(prefillDetail(reading)).toBe('4,096 of 20,000 tokens');
  expect(prefillValueText(reading)).toBe('20 percent, 4,096 of 20,000 tokens read, 1,200 from cache, 7 s to go');
});

test('only a prompt that is read to its end has 100 percent', () => {
  expect(percent({ ...reading, processed: 19_999 })).toBe(99);
  expect(percent({ ...reading, processed: 20_000 })).toBe(100);
});

test('the words in the queue give the position and the requests before it', () => {
  expect([prefillTitle(queued(3)), prefillDetail(queued(3))]).toEqual([
    'Queued at place 3',
    '2 requests are before yours',
  ]);
  expect([prefillTitle(queued(2)), prefillDetail(queued(2))]).toEqual([
    'Queued at place 2',
    'One request is before yours',
  ]);
  expect([prefillTitle(queued(1)), prefillDetail(queued(1))]).toEqual([
    'Next in the queue',
    'Starts when a slot is free',
  ]);
});

test('the words in the queue of an upstream server, which tells no place, give none', () => {
  expect([prefillTitle(queued(null)), prefillDetail(queued(null))]).toEqual([
    'Waiting at the server',
    'Other requests are before yours there',
  ]);
});

test('a prompt that waits for other prompts is not shown as being read', () => {
  const waiting = (ahead: number): PrefillEvent => ({ ...reading, processed: 0, waiting: { ahead } });
  expect(prefillTitle(waiting(1))).toBe('Waiting for its turn');
  expect(prefillDetail(waiting(1))).toBe('Another prompt is read first');
  expect(prefillDetail(waiting(2))).toBe('2 others are read first');
  expect(prefillValueText(waiting(1))).toBe('Waiting for its turn. Another prompt is read first');
});

test('estimated token counts begin with “about”', () => {
  expect(prefillDetail({ ...reading, estimated: true })).toBe('about 4,096 of 20,000 tokens');
});

test('the words while the model loads give the share that is loaded, once it is known', () => {
  const loading: PrefillEvent = { ...reading, phase: 'loading', processed: null, cached: null, total: null };
  expect(percentLoaded(loading)).toBeNull();
  expect(percentLoaded({ ...loading, loaded: 0.429 })).toBe(42);
  expect(percentLoaded({ ...loading, loaded: 1 })).toBe(99);
  expect(percentLoaded(reading)).toBeNull();
  expect(prefillValueText({ ...loading, loaded: 0.429 })).toBe('Loading the model, 42 percent');
});
