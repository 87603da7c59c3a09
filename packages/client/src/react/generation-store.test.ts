import { HeadwayError, LiveGeneration, withSummaries } from '@headway/protocol';
import { sampleDone, sampleError, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

import type { ConnectionState } from '../connection/connection-state.ts';
import type { CancelOptions, HeadwayClient } from '../create-client.ts';
import { createGenerationStore } from './generation-store.ts';
import { idleGeneration, type GenerationState } from './state/generation-state.ts';

/** A connection whose state the test sets. */
function fakeConnection() {
  const listeners = new Set<() => void>();
  let state: ConnectionState = { phase: 'open', transport: 'websocket' };
  return {
    listeners,
    getState: () => state,
    subscribe: (listener: () => void) => (listeners.add(listener), () => listeners.delete(listener)),
    become(phase: ConnectionState['phase']) {
      state = { phase, transport: phase === 'open' ? 'websocket' : null };
      for (const listener of listeners) listener();
    },
  };
}

/** A store whose client and frames the test controls, and every state that it had. */
function setUp() {
  const generations: LiveGeneration[] = [];
  const cancelled: string[] = [];
  const frames = new Set<() => void>();
  const generate = () => {
    const id = `g${generations.length}`;
    const generation = new LiveGeneration({ id, onCancel: () => cancelled.push(id) });
    generations.push(generation);
    return generation;
  };
  const cancelledByName: string[] = [];
  const asks = { fails: false, unknown: false };
  const connection = fakeConnection();
  const client = {
    connection,
    generate: Object.assign(generate, { subscribe: () => ({ id: '', unsubscribe() {} }) }),
    watch: generate,
    async cancel(id: string, { index }: CancelOptions = {}) {
      if (asks.fails) throw new HeadwayError('connection-lost', 'away');
      cancelledByName.push(index === undefined ? id : `${id} ${index}`);
      return !asks.unknown;
    },
  } satisfies Pick<HeadwayClient, 'generate' | 'watch' | 'cancel' | 'connection'>;
  const store = createGenerationStore(client, (callback) => {
    frames.add(callback);
    return () => frames.delete(callback);
  });
  const shown: GenerationState[] = [];
  store.subscribe(() => shown.push(store.getState()));
  const frame = async () => {
    // Pushed events reach the store through promises alone.
    await new Promise((resolve) => setImmediate(resolve));
    const due = [...frames];
    frames.clear();
    for (const callback of due) callback();
  };
  return { store, generations, cancelled, cancelledByName, asks, connection, frames, frame, shown };
}

test('the store changes its state once a frame, not once an event', async () => {
  const { store, generations, frame, shown } = setUp();
  store.start({ prompt: 'hi' });
  for (let n = 0; n < 100; n++) generations[0]?.push(sampleToken({ seq: n, text: 'x', completionTokens: n + 1 }));
  await frame();
  generations[0]?.push(sampleDone({ seq: 100 }));
  await frame();
  expect(shown.map(({ state, text }) => [state, text.length])).toEqual([
    ['connecting', 0],
    ['decode', 100],
    ['done', 100],
  ]);
});

test('the store asks for summaries of what it starts and watches, and shows how far each choice is', async () => {
  const lives: LiveGeneration[] = [];
  const asked: unknown[] = [];
  const open = (_what: unknown, options?: object) => {
    asked.push(options);
    const live = new LiveGeneration({ id: 'g', onCancel: () => undefined });
    lives.push(live);
    return withSummaries(live, { choices: 2 });
  };
  const client = {
    generate: open,
    watch: open,
    cancel: async () => true,
    connection: fakeConnection(),
  } as unknown as HeadwayClient;
  const frames = new Set<() => void>();
  const store = createGenerationStore(client, (callback) => {
    frames.add(callback);
    return () => frames.delete(callback);
  });
  store.start({ prompt: 'hi', choices: 2 });
  expect(store.getState().summary).toBeNull();
  lives[0]?.push(samplePrefill({ processed: 10 }));
  lives[0]?.push(sampleToken({ index: 1, tokensPerSecond: 40 }));
  lives[0]?.push(sampleDone({ index: 1, remaining: 1 }));
  lives[0]?.push(sampleError({ index: 0 }));
  await vi.waitUntil(() => {
    for (const callback of frames) callback();
    return store.getState().state === 'error';
  });
  expect(store.getState().summary?.answers).toMatchObject([
    { state: 'error', outcome: 'internal', completionTokens: 1 },
    { state: 'done', outcome: 'stop', completionTokens: 1 },
  ]);
  store.reset();
  expect(store.getState().summary).toBeNull();
  store.watch('g');
  expect(asked).toEqual([{ summary: true }, { summary: true }]);
});

test('the store shows the end of the prefill before the first token when all events arrive at once', async () => {
  const { store, generations, frame, frames, shown } = setUp();
  store.start({ prompt: 'hi' });
  generations[0]?.push(samplePrefill({ processed: 5 }));
  generations[0]?.push(samplePrefill({ seq: 1, processed: 10 }));
  generations[0]?.push(sampleToken({ seq: 2 }));
  generations[0]?.push(sampleDone({ seq: 3 }));
  await frame();
  await frame();
  expect(shown.map(({ state, prefill }) => [state, prefill?.processed])).toEqual([
    ['connecting', undefined],
    ['prefill', 10],
    ['done', 10],
  ]);
  expect(frames.size).toBe(0);
});

test('the store reports a stall each second until the generation moves, ends or is dropped', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { store, generations, frame, shown } = setUp();
  const stalls = () => shown.map(({ stalledMs }) => stalledMs).filter((ms) => ms !== null);
  store.start({ prompt: 'hi' });
  generations[0]?.push(samplePrefill({ etaMs: 28_000 }));
  await frame();
  vi.advanceTimersByTime(3000);
  expect(stalls()).toEqual([2000, 3000]);
  expect(store.getState()).toMatchObject({ state: 'prefill', stalledMs: 3000, prefill: { etaMs: null } });
  generations[0]?.push(sampleToken({ seq: 1 }));
  await frame();
  expect(store.getState()).toMatchObject({ state: 'decode', stalledMs: null });
  generations[0]?.push(sampleDone({ seq: 2 }));
  await frame();
  expect(vi.getTimerCount()).toBe(0);

  store.start({ prompt: 'hi', progressIntervalMs: 1000 });
  generations[1]?.push(samplePrefill());
  await frame();
  vi.advanceTimersByTime(2999);
  expect(store.getState().stalledMs).toBe(null);
  vi.advanceTimersByTime(1);
  expect(store.getState().stalledMs).toBe(3000);
  store.reset();
  expect(vi.getTimerCount()).toBe(0);
  expect(store.getState()).toBe(idleGeneration);
});

test('stop cancels the generation, and the state is stopping until it ends', async () => {
  const { store, generations, cancelled, frame } = setUp();
  store.stop();
  store.start({ prompt: 'hi' });
  store.stop();
  store.stop();
  expect(cancelled).toEqual(['g0']);
  expect(store.getState()).toMatchObject({ state: 'connecting', stopping: true });
  generations[0]?.push(sampleDone({ finishReason: 'cancelled' }));
  await frame();
  expect(store.getState()).toMatchObject({ state: 'done', stopping: false, finishReason: 'cancelled' });
});

test('start cancels the last generation, whose late events change nothing', async () => {
  const { store, generations, cancelled, frame } = setUp();
  store.start({ prompt: 'one' });
  generations[0]?.push(sampleToken({ text: 'one' }));
  await new Promise((resolve) => setImmediate(resolve));
  store.start({ prompt: 'two' });
  expect(cancelled).toEqual(['g0']);
  generations[0]?.push(sampleToken({ text: 'more of one' }));
  generations[0]?.push(sampleDone({ finishReason: 'cancelled' }));
  generations[1]?.push(sampleToken({ text: 'two' }));
  await frame();
  expect(store.getState()).toMatchObject({ state: 'decode', id: 'g1', text: 'two' });
});

test('reset cancels the generation without a frame, and the store can start another', async () => {
  const { store, generations, cancelled, frame, frames } = setUp();
  store.start({ prompt: 'hi' });
  generations[0]?.push(sampleToken());
  await new Promise((resolve) => setImmediate(resolve));
  expect(frames.size).toBe(1);
  store.reset();
  expect(frames.size).toBe(0);
  expect(cancelled).toEqual(['g0']);
  expect(store.getState()).toBe(idleGeneration);
  store.start({ prompt: 'hi' });
  generations[1]?.push(sampleToken());
  await frame();
  expect(store.getState()).toMatchObject({ state: 'decode', id: 'g1' });
});

test('the store shows a watched generation like its own, and stops it by its id', async () => {
  const { store, generations, cancelled, cancelledByName, frame } = setUp();
  store.watch('theirs');
  generations[0]?.push(sampleToken({ text: 'so far' }));
  await frame();
  expect(store.getState()).toMatchObject({ state: 'decode', text: 'so far' });
  store.stop();
  expect(store.getState().stopping).toBe(true);
  expect([cancelled, cancelledByName]).toEqual([[], ['g0']]);
  generations[0]?.push(sampleDone({ finishReason: 'cancelled' }));
  await frame();
  expect(store.getState()).toMatchObject({ state: 'done', finishReason: 'cancelled', stopping: false });
});

test('stop can be called again when it did not reach the gateway of a watched generation', async () => {
  const { store, generations, asks, cancelledByName, frame } = setUp();
  store.watch('theirs');
  generations[0]?.push(sampleToken());
  await frame();
  asks.fails = true;
  store.stop();
  await frame();
  expect(store.getState()).toMatchObject({ state: 'decode', stopping: false });
  asks.fails = false;
  store.stop();
  expect(cancelledByName).toEqual(['g0']);
});

test('the state tells that the client looks for the gateway, until it is back or the generation ends', async () => {
  const { store, generations, connection, frame } = setUp();
  store.start({ prompt: 'hi' });
  generations[0]?.push(samplePrefill());
  await frame();
  connection.become('reconnecting');
  expect(store.getState()).toMatchObject({ state: 'prefill', reconnecting: true });
  connection.become('open');
  expect(store.getState().reconnecting).toBe(false);
  connection.become('reconnecting');
  store.start({ prompt: 'another' });
  expect(store.getState()).toMatchObject({ state: 'connecting', reconnecting: true });
  expect(connection.listeners.size).toBe(1);
  generations[1]?.push(sampleError({ code: 'connection-lost' }));
  connection.become('idle');
  expect(store.getState()).toMatchObject({ state: 'connecting', reconnecting: true });
  await frame();
  expect(store.getState()).toMatchObject({ state: 'error', reconnecting: false });
  expect(connection.listeners.size).toBe(0);
  store.start({ prompt: 'a third' });
  store.reset();
  expect(connection.listeners.size).toBe(0);
});

test('a page that draws no frames still takes in the events, in few steps', async () => {
  const { store, generations, shown, frame } = setUp();
  store.start({ prompt: 'hi', choices: 8 });
  await frame();
  for (let n = 0; n < 40_000; n++) {
    generations[0]?.push(sampleToken({ seq: n, index: n % 8, text: 'x', completionTokens: 1 + (n >> 3) }));
  }
  expect(shown.length).toBeLessThan(15);
  expect(store.getState().text.length).toBeGreaterThan(4000);
  await frame();
  expect(store.getState().answers.map(({ text }) => text.length)).toEqual(Array(8).fill(5000));
});

test('one answer of several is stopped by its index, and can be stopped again when that failed', async () => {
  const { store, generations, cancelled, cancelledByName, asks, frame } = setUp();
  const stopping = () => store.getState().answers.map((answer) => answer.stopping);
  store.stopAnswer(1);
  store.start({ prompt: 'hi', choices: 3 });
  generations[0]?.push(samplePrefill({ processed: 10 }));
  await frame();
  asks.fails = true;
  store.stopAnswer(1);
  expect(stopping()).toEqual([false, true, false]);
  await frame();
  expect(stopping()).toEqual([false, false, false]);
  Object.assign(asks, { fails: false, unknown: true });
  store.stopAnswer(1);
  await frame();
  expect(stopping()).toEqual([false, false, false]);
  asks.unknown = false;
  store.stopAnswer(1);
  await frame();
  expect(stopping()).toEqual([false, true, false]);
  expect([cancelledByName, cancelled]).toEqual([['g0 1', 'g0 1'], []]);
  generations[0]?.push(sampleDone({ index: 1, finishReason: 'cancelled', remaining: 2 }));
  await frame();
  expect(store.getState()).toMatchObject({ stopping: false, finishReason: null });
  expect(store.getState().answers[1]).toMatchObject({ state: 'done', finishReason: 'cancelled', stopping: false });
});
