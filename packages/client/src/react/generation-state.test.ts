import { sampleDone, sampleError, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { generationReducer, idleGeneration, isRunning, type GenerationAction } from './generation-state.ts';

const reduce = (...actions: GenerationAction[]) => actions.reduce(generationReducer, idleGeneration);

const start: GenerationAction = { type: 'start', id: 'g' };

test('the state follows the phases of a generation', () => {
  expect(idleGeneration.state).toBe('idle');
  expect(reduce(start)).toMatchObject({ state: 'connecting', id: 'g' });
  expect(reduce(start, samplePrefill({ phase: 'queued', queuePosition: 2 })).state).toBe('queued');
  expect(reduce(start, samplePrefill({ phase: 'loading', total: null })).state).toBe('loading');
  expect(reduce(start, samplePrefill())).toMatchObject({ state: 'prefill', prefill: { processed: 0, total: 10 } });
  expect(reduce(start, samplePrefill(), sampleToken()).state).toBe('decode');
  expect(reduce(start, samplePrefill(), sampleToken(), sampleDone()).state).toBe('done');
  expect(reduce(start, sampleError()).state).toBe('error');
});

test('token events append text by channel and replace the numbers', () => {
  const state = reduce(
    start,
    samplePrefill({ processed: 10 }),
    sampleToken({ text: 'hm', channel: 'reasoning' }),
    sampleToken({ text: 'Hé', completionTokens: 2, tokensPerSecond: 41 }),
    sampleToken({ text: '{}', channel: 'tool-call', completionTokens: 3 }),
    sampleToken({ text: 'llo', completionTokens: 4, tokensPerSecond: 42 }),
  );
  expect(state).toMatchObject({
    text: 'Héllo',
    reasoning: 'hm',
    completionTokens: 4,
    tokensPerSecond: 42,
    usage: null,
  });
  expect(state.prefill?.processed).toBe(10);
});

test('the rate is null until a token has one', () => {
  const first = sampleToken({ tokensPerSecond: 0 });
  expect(reduce(start, first).tokensPerSecond).toBeNull();
  expect(reduce(start, first, sampleToken({ tokensPerSecond: 41 })).tokensPerSecond).toBe(41);
});

test('the done event sets usage, timings and the average rate', () => {
  expect(reduce(start, sampleToken(), sampleDone())).toMatchObject({
    state: 'done',
    finishReason: 'stop',
    usage: sampleDone().usage,
    timings: sampleDone().timings,
    tokensPerSecond: 100,
    completionTokens: 1,
    error: null,
  });
});

test('an error event keeps the text so far', () => {
  expect(reduce(start, samplePrefill(), sampleToken(), sampleError())).toMatchObject({
    state: 'error',
    text: 'a',
    error: { code: 'internal', message: 'it broke' },
    usage: sampleError().usage,
    finishReason: null,
  });
});

test('the state shows the first of several choices, and ends with the last of them', () => {
  const first = reduce(
    start,
    samplePrefill(),
    sampleToken({ text: 'zero' }),
    sampleToken({ index: 1, text: 'one' }),
    sampleDone({ remaining: 1 }),
  );
  expect(first).toMatchObject({ state: 'decode', text: 'zero', finishReason: 'stop' });
  const both = generationReducer(first, sampleDone({ index: 1, finishReason: 'length' }));
  expect(both).toMatchObject({ state: 'done', text: 'zero', finishReason: 'stop' });
  expect(generationReducer(first, sampleError({ index: 1 })).state).toBe('error');
});

test('a summary changes nothing but the summary, and stays until the next start', () => {
  const summary = { type: 'summary' as const, answers: [], tokensPerSecond: 65 };
  const before = reduce(start, samplePrefill(), sampleToken(), { type: 'stalled', stalledMs: 2000 });
  const after = generationReducer(before, summary);
  expect(after).toEqual({ ...before, summary });
  expect(generationReducer(after, sampleDone()).summary).toBe(summary);
  expect(generationReducer(after, { type: 'start', id: 'h' }).summary).toBeNull();
});

test('stopping is true from stop to the end, and only while a generation runs', () => {
  const stopping = reduce(start, samplePrefill(), { type: 'stop' });
  expect(stopping).toMatchObject({ state: 'prefill', stopping: true });
  expect(generationReducer(stopping, sampleDone({ finishReason: 'cancelled' }))).toMatchObject({
    state: 'done',
    stopping: false,
    finishReason: 'cancelled',
  });
  expect(reduce({ type: 'stop' })).toBe(idleGeneration);
  expect(reduce(start, sampleToken(), sampleDone(), { type: 'stop' }).stopping).toBe(false);
});

test('a stall sets etaMs to null, and the next event ends it', () => {
  const stalled = reduce(start, samplePrefill({ etaMs: 28_000 }), { type: 'stalled', stalledMs: 2000 });
  expect(stalled).toMatchObject({ state: 'prefill', stalledMs: 2000, prefill: { etaMs: null } });
  for (const event of [samplePrefill(), sampleToken(), sampleToken({ index: 1 }), sampleDone(), sampleError()]) {
    expect(generationReducer(stalled, event).stalledMs).toBe(null);
  }
});

test('start and reset drop the last generation', () => {
  expect(reduce(start, sampleToken(), sampleError(), { type: 'start', id: 'h' })).toEqual({
    ...idleGeneration,
    state: 'connecting',
    id: 'h',
  });
  expect(reduce(start, sampleToken(), { type: 'reset' })).toBe(idleGeneration);
});

test('isRunning is true between start and end', () => {
  expect(
    [reduce(), reduce(start), reduce(start, samplePrefill()), reduce(start, sampleToken())].map(isRunning),
  ).toEqual([false, true, true, true]);
  expect([reduce(start, sampleDone()), reduce(start, sampleError())].map(isRunning)).toEqual([false, false]);
});
