import { sampleDone, sampleError, samplePrefill, sampleSpan, sampleToken } from '@headway/protocol/testing';
import { expect, test } from 'vitest';

import { waitingAnswer } from './answer-state.ts';
import { generationReducer } from './generation-reducer.ts';
import { idleGeneration, isRunning, type GenerationAction, type GenerationState } from './generation-state.ts';

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
  expect(after.heartbeat).toBe(2);
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
    answers: [waitingAnswer(0)],
  });
  expect(reduce(start, sampleToken(), { type: 'reset' })).toBe(idleGeneration);
});

test('isRunning is true between start and end', () => {
  expect(
    [reduce(), reduce(start), reduce(start, samplePrefill()), reduce(start, sampleToken())].map(isRunning),
  ).toEqual([false, true, true, true]);
  expect([reduce(start, sampleDone()), reduce(start, sampleError())].map(isRunning)).toEqual([false, false]);
});

test('each of several answers has its own text, numbers and end', () => {
  const four = reduce(
    { type: 'start', id: 'g', choices: 3 },
    samplePrefill({ processed: 10 }),
    sampleToken({ index: 2, text: 'two', completionTokens: 1 }),
    sampleToken({ text: 'zero', completionTokens: 4, tokensPerSecond: 40 }),
    sampleDone({ index: 2, finishReason: 'cancelled', remaining: 2 }),
    sampleError({ index: 1, remaining: 1 }),
  );
  expect(four).toMatchObject({ state: 'decode', text: 'zero', finishReason: null, error: { index: 1 } });
  expect(four.answers).toMatchObject([
    { index: 0, state: 'decode', text: 'zero', completionTokens: 4, tokensPerSecond: 40, finishReason: null },
    { index: 1, state: 'error', text: '', error: { code: 'internal' }, usage: sampleError().usage },
    { index: 2, state: 'done', text: 'two', finishReason: 'cancelled', timings: sampleDone().timings },
  ]);
});

test('the events add the answers of a watched generation', () => {
  const known = reduce(start, samplePrefill(), sampleToken(), sampleDone({ remaining: 3 })).answers;
  expect(known.map(({ state }) => state)).toEqual(['done', 'waiting', 'waiting', 'waiting']);
  expect(reduce(start, sampleToken({ index: 2 })).answers).toHaveLength(3);
});

test('one error event refuses all answers', () => {
  const { answers, state } = reduce({ type: 'start', id: 'g', choices: 2 }, sampleError());
  expect(state).toBe('error');
  expect(answers.map((answer) => [answer.index, answer.state, answer.error?.code])).toEqual([
    [0, 'error', 'internal'],
    [1, 'error', 'internal'],
  ]);
});

test("a call's arguments grow as they stream, and the end has the whole calls", () => {
  const piece = (index: number, text: string) =>
    sampleToken({ text, channel: 'tool-call', toolCall: { index, id: `c${index}`, name: `tool${index}` } });
  const state = reduce(start, samplePrefill({ processed: 10 }), piece(0, '{"a"'), piece(0, ':1}'), piece(1, '{"b'));
  expect(state.toolCalls).toEqual([
    { id: 'c0', name: 'tool0', arguments: '{"a":1}' },
    { id: 'c1', name: 'tool1', arguments: '{"b' },
  ]);
  expect(state.answers[0]?.toolCalls).toBe(state.toolCalls);
  expect(state).toMatchObject({ text: '', reasoning: '' });
  const toolCalls = [{ id: 'c0', name: 'tool0', arguments: '{"a":1}' }];
  expect(generationReducer(state, sampleDone({ finishReason: 'tool-calls', toolCalls })).toolCalls).toBe(toolCalls);
});

test('the spans have the latest of each, by number', () => {
  const before = reduce(start, samplePrefill(), sampleSpan({ number: 2, of: 2, name: 'b' }), sampleSpan({ of: 2 }));
  expect(before.spans.map(({ name, processed }) => [name, processed])).toEqual([
    ['contract.pdf', 0],
    ['b', 0],
  ]);
  const after = generationReducer(before, sampleSpan({ of: 2, processed: 8 }));
  expect(after.spans).toEqual([
    { name: 'contract.pdf', number: 1, of: 2, processed: 8, cached: 0, total: 8 },
    before.spans[1],
  ]);
  expect(after).toMatchObject({ state: 'prefill', heartbeat: 4 });
  expect(generationReducer(after, sampleToken()).spans).toBe(after.spans);
  expect(generationReducer(after, { type: 'start', id: 'h' }).spans).toEqual([]);
});

test('the time of reasoning is told by the rates, so that it holds for replayed events, too', () => {
  const thought = (completionTokens: number, tokensPerSecond: number, count = 1) =>
    sampleToken({ text: 'hm', channel: 'reasoning', completionTokens, tokensPerSecond, count });
  const events = [
    samplePrefill({ processed: 10 }),
    // Prefill drew the first token. Then ten in two seconds, an answer of half a second, and a thought of one second.
    thought(1, 0),
    thought(11, 5, 10),
    sampleToken({ completionTokens: 21, tokensPerSecond: 8, count: 10 }),
    thought(22, 6),
  ];
  const { reasoningTokens, reasoningMs, answers } = reduce(start, ...events);
  expect({ reasoningTokens, reasoningMs: Math.round(reasoningMs) }).toEqual({ reasoningTokens: 12, reasoningMs: 3000 });
  expect(Math.round(answers[0]?.decodeMs ?? 0)).toBe(3500);
});

test('the heartbeat counts events, and a stall or a lost connection is none', () => {
  const state = reduce(start, samplePrefill(), sampleToken({ index: 1 }), sampleToken(), sampleDone({ remaining: 1 }));
  expect(state.heartbeat).toBe(4);
  const stalled = generationReducer(state, { type: 'stalled', stalledMs: 4000 });
  expect(generationReducer(stalled, { type: 'connection', reconnecting: true }).heartbeat).toBe(4);
});

test('a stall tells whether the gateway or the engine is silent', () => {
  const stalled = reduce(start, samplePrefill(), { type: 'stalled', stalledMs: 4000 });
  expect(stalled).toMatchObject({ stalledMs: 4000, reconnecting: false });
  const away = generationReducer(stalled, { type: 'connection', reconnecting: true });
  expect(away).toMatchObject({ state: 'prefill', stalledMs: 4000, reconnecting: true });
  expect(generationReducer(away, { type: 'connection', reconnecting: false })).toEqual(stalled);
  expect(generationReducer(away, sampleError()).reconnecting).toBe(false);
  expect(reduce({ type: 'connection', reconnecting: true })).toBe(idleGeneration);
});

test('one answer of several can be stopping', () => {
  const two = reduce({ type: 'start', id: 'g', choices: 2 }, samplePrefill(), { type: 'stop-answer', index: 1 });
  const stopping = (state: GenerationState) => state.answers.map((answer) => answer.stopping);
  expect(stopping(two)).toEqual([false, true]);
  expect(two.stopping).toBe(false);
  expect(stopping(generationReducer(two, { type: 'stop-answer-failed', index: 1 }))).toEqual([false, false]);
  const ended = generationReducer(two, sampleDone({ index: 1, finishReason: 'cancelled', remaining: 1 }));
  expect(stopping(ended)).toEqual([false, false]);
  expect(generationReducer(ended, { type: 'stop-answer', index: 1 })).toBe(ended);
  expect(generationReducer(ended, { type: 'stop-answer', index: 2 })).toBe(ended);
});

test('several events change the state once, into the state that they would make one by one', () => {
  const events = [
    samplePrefill({ processed: 10, elapsedMs: 100 }),
    ...Array.from({ length: 50 }, (_, n) =>
      sampleToken({ index: n % 2, text: `${n} `, completionTokens: 1 + (n >> 1), tokensPerSecond: 10 }),
    ),
    sampleDone({ remaining: 1 }),
  ];
  const begun = reduce({ type: 'start', id: 'g', choices: 3 });
  const at = structuredClone(begun);
  const together = generationReducer(begun, { type: 'events', events });
  expect(together).toEqual(events.reduce<GenerationState>(generationReducer, begun));
  expect(begun).toEqual(at);
  expect(together.answers[2]).toBe(begun.answers[2]);
  expect(generationReducer(together, { type: 'events', events: [] })).toBe(together);
});

test('samples tell how far the generation was, on its own clock', () => {
  const { samples } = reduce(
    { type: 'start', id: 'g', choices: 2 },
    samplePrefill({ phase: 'queued', processed: 4, elapsedMs: 10 }),
    samplePrefill({ phase: 'loading', processed: null, elapsedMs: 20 }),
    samplePrefill({ processed: 2, elapsedMs: 1000, waiting: { ahead: 1 } }),
    samplePrefill({ processed: 2, elapsedMs: 2000 }),
    samplePrefill({ processed: 10, elapsedMs: 3000 }),
    sampleToken({ completionTokens: 10, tokensPerSecond: 10 }),
    sampleToken({ index: 1, completionTokens: 5, tokensPerSecond: 4 }),
    sampleDone({
      usage: { ...sampleDone().usage, completionTokens: 10 },
      timings: { ...sampleDone().timings, queuedMs: 1000, prefillMs: 2000, decodeMs: 2000 },
      remaining: 1,
    }),
  );
  const row = ({ elapsedMs, phase, waiting, processed, completionTokens }: (typeof samples)[0]) =>
    [elapsedMs, waiting ? 'waiting' : phase, processed, completionTokens] as const;
  expect(samples.map(row)).toEqual([
    [10, 'queued', 0, 0],
    [20, 'loading', 0, 0],
    [1000, 'waiting', 2, 0],
    [2000, 'prefill', 2, 0],
    [3000, 'prefill', 10, 0],
    [4000, 'decode', 10, 10],
    [4250, 'decode', 10, 15],
    [5000, 'decode', 10, 15],
  ]);
});
