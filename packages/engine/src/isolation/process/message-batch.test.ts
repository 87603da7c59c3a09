import type { GenerationEvent } from '@headway/protocol';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { expect, it, vi } from 'vitest';

import { mergeMessages, MessageBatch } from './message-batch.ts';
import type { FromProcess, FromProcessBatch } from './process-messages.ts';

const event = (id: string, one: GenerationEvent): FromProcess => ({ kind: 'event', id, event: one });
const beat = (evaluated: number): FromProcess => ({
  kind: 'beat',
  vitals: { loading: false, busy: 1, evaluated },
  memoryBytes: 0,
});
const answer = (number: number): FromProcess => ({ kind: 'answer', number, value: null });

/** A batch whose reader takes the current batch when the test calls `take`. */
function slowReader() {
  const batches: FromProcessBatch[] = [];
  let take = () => {};
  const batch = new MessageBatch((messages) => {
    batches.push(messages);
    return new Promise((resolve) => (take = resolve));
  });
  return { batch, batches, take: () => take() };
}

const eventLoopStep = () => new Promise((resolve) => setImmediate(resolve));

it('sends the messages of one event-loop step as one batch, and collects the next while it is written', async () => {
  const { batch, batches, take } = slowReader();
  batch.add(answer(1));
  await Promise.resolve();
  batch.add(answer(2));
  await eventLoopStep();
  expect(batches).toEqual([[answer(1), answer(2)]]);
  batch.add(answer(3));
  await eventLoopStep();
  batch.add(answer(4));
  await eventLoopStep();
  expect(batches).toHaveLength(1);
  take();
  await eventLoopStep();
  expect(batches.slice(1)).toEqual([[answer(3), answer(4)]]);
  const written = batch.written();
  take();
  await written;
  batch.add(answer(5));
  await eventLoopStep();
  expect(batches.slice(2)).toEqual([[answer(5)]]);
});

it('spaces batches of tokens by 8 ms, and sends them at once with any other message', async () => {
  const batches: FromProcessBatch[] = [];
  const batch = new MessageBatch(async (messages) => void batches.push(messages));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const token = (seq: number) => event('a', sampleToken({ seq }));
    const sent = () =>
      batches.map((one) => one.map((message) => (message.kind === 'event' ? message.event.seq : 'other')));
    batch.add(token(0));
    await eventLoopStep();
    batch.add(token(1));
    await eventLoopStep();
    batch.add(token(2));
    await eventLoopStep();
    expect(sent()).toEqual([[0]]);
    await vi.advanceTimersByTimeAsync(8);
    expect(sent()).toEqual([[0], [1, 2]]);
    batch.add(token(3));
    await eventLoopStep();
    batch.add(answer(1));
    await eventLoopStep();
    expect(sent()).toEqual([[0], [1, 2], [3, 'other']]);
    await vi.advanceTimersByTimeAsync(8);
    batch.add(token(4));
    await eventLoopStep();
    expect(sent().at(-1)).toEqual([4]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it('merges the messages for a slow reader to fewer than 2,048, without losing text', async () => {
  const { batch, batches, take } = slowReader();
  batch.add(answer(0));
  await eventLoopStep();
  const tokens = 20_000;
  for (let seq = 0; seq < tokens; seq++) {
    const id = `g${seq % 8}`;
    batch.add(event(id, sampleToken({ seq, text: `${seq} `, count: 1 })));
    batch.add(beat(seq));
  }
  batch.add(event('g0', sampleDone({ seq: tokens })));
  take();
  await eventLoopStep();
  const [, late = []] = batches;
  expect(late.length).toBeLessThan(2048);
  const events = late.flatMap((one) => (one.kind === 'event' ? [one] : []));
  const texts = new Map<string, string>();
  for (const { id, event: one } of events) {
    if (one.type === 'token') texts.set(id, (texts.get(id) ?? '') + one.text);
  }
  for (let at = 0; at < 8; at++) {
    const own = Array.from({ length: tokens / 8 }, (_, nth) => `${nth * 8 + at} `);
    expect(texts.get(`g${at}`)).toBe(own.join(''));
  }
  expect(events.filter(({ id }) => id === 'g0').at(-1)?.event.type).toBe('done');
});

it('merges events within a generation only, and keeps them before the answers that followed', () => {
  const merged = mergeMessages([
    event('a', samplePrefill({ seq: 0, processed: 1 })),
    event('b', sampleToken({ seq: 5, text: 'x', count: 1 })),
    beat(1),
    event('a', samplePrefill({ seq: 1, processed: 2 })),
    { kind: 'refused', id: 'c', error: { code: 'queue-full', message: 'm', retryable: true } },
    event('b', sampleToken({ seq: 6, text: 'y', count: 1 })),
    beat(2),
    answer(1),
  ]);
  expect(merged).toMatchObject([
    { id: 'a', event: { seq: 1, processed: 2 } },
    { id: 'b', event: { seq: 6, text: 'xy', count: 2 } },
    { kind: 'refused', id: 'c' },
    { kind: 'beat', vitals: { evaluated: 2 } },
    { kind: 'answer', number: 1 },
  ]);
});
