import { expect, test } from 'vitest';

import { HeadwayError } from '../errors/headway-error.ts';
import { OpenChoices } from './open-choices.ts';
import { sampleDone, samplePrefill, sampleToken } from '../testing.ts';

const lost = new HeadwayError('connection-lost', 'gone');

test('fail() ends each open choice once, with its usage', () => {
  const choices = new OpenChoices('g', 3);
  choices.add(samplePrefill({ seq: 0, processed: 10, cached: 4, total: 10 }));
  choices.add(sampleToken({ seq: 4, index: 2, completionTokens: 4 }));
  choices.add(sampleDone({ seq: 5, index: 0, remaining: 2 }));
  const end = { type: 'error', id: 'g', code: 'connection-lost', message: 'gone', retryable: true };
  const prompt = { promptTokens: 10, promptTotal: 10, cachedTokens: 4 };
  expect(choices.fail(lost)).toEqual([
    { ...end, seq: 6, index: 1, remaining: 1, usage: { ...prompt, completionTokens: 0 } },
    { ...end, seq: 7, index: 2, remaining: 0, usage: { ...prompt, completionTokens: 4 } },
  ]);
});

test('`begun` is true from the first event on', () => {
  const choices = new OpenChoices('g', 1);
  expect(choices.begun).toBe(false);
  choices.add(samplePrefill());
  expect(choices.begun).toBe(true);
});

test('tokens and `remaining` reveal choices that were unknown at the start', () => {
  const byToken = new OpenChoices('g', 1);
  byToken.add(sampleToken({ seq: 1, index: 2, completionTokens: 5 }));
  expect(byToken.fail(lost)).toMatchObject([
    { index: 0, remaining: 1 },
    { index: 2, remaining: 0, usage: { completionTokens: 5 } },
  ]);
  const byEnd = new OpenChoices('g', 1);
  byEnd.add(sampleDone({ seq: 1, index: 0, remaining: 2 }));
  expect(byEnd.fail(lost)).toMatchObject([
    { index: 1, remaining: 1 },
    { index: 2, remaining: 0 },
  ]);
});

test('a queued or loading request has a usage of 0 prompt tokens read', () => {
  const choices = new OpenChoices('g', 1);
  choices.add(samplePrefill({ phase: 'queued', queuePosition: 1, cached: 8, total: 10 }));
  expect(choices.fail(lost)).toMatchObject([{ usage: { promptTokens: 0, promptTotal: 10, cachedTokens: 0 } }]);
  choices.add(samplePrefill({ processed: 8, cached: 3, total: 10 }));
  expect(choices.fail(lost)).toMatchObject([{ usage: { promptTokens: 8, promptTotal: 10, cachedTokens: 3 } }]);
  choices.add(samplePrefill({ phase: 'loading', processed: null, cached: null, total: null }));
  expect(choices.fail(lost)).toMatchObject([{ usage: { promptTokens: 0, cachedTokens: 0 } }]);
});

test('cancel() makes events of the same shape as an engine’s', () => {
  expect(new OpenChoices('g', 1).cancel()).toEqual([
    {
      ...sampleDone(),
      id: 'g',
      seq: 0,
      finishReason: 'cancelled',
      usage: { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
      timings: {
        queuedMs: 0,
        prefillMs: 0,
        decodeMs: 0,
        timeToFirstTokenMs: null,
        prefillTokensPerSecond: null,
        decodeTokensPerSecond: null,
      },
    },
  ]);
});

test('cancel(index) ends one choice and leaves the others, which end later', () => {
  const choices = new OpenChoices('g', 3);
  const end = (index?: number) => {
    const events = choices.cancel(index);
    for (const event of events) choices.add(event);
    return events.map(({ seq, index: of, finishReason, remaining }) => [seq, of, finishReason, remaining]);
  };
  expect(end(1)).toEqual([[0, 1, 'cancelled', 2]]);
  expect(end(1)).toEqual([]);
  expect([choices.ended, choices.over]).toEqual([[1], false]);
  expect(choices.fail(lost)).toMatchObject([
    { seq: 1, index: 0, remaining: 1 },
    { seq: 2, index: 2, remaining: 0 },
  ]);
  expect([end(0), end(2), choices.over]).toEqual([[[1, 0, 'cancelled', 1]], [[2, 2, 'cancelled', 0]], true]);
});
