import { generateRequest, HeadwayError } from '@headway/protocol';
import { expect, it } from 'vitest';

import type { Prompt, Slot } from '../backend/backend.ts';
import { scripted } from '../backends/scripted/scripted.ts';
import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { SlotPool, type SlotPoolOptions } from './slot-pool.ts';

const { signal } = new AbortController();

async function openPool(parallel: number, options: Partial<SlotPoolOptions> = {}) {
  const clock = createVirtualClock();
  const model = await scripted({ clock }).load({ parallel, contextSize: null, signal });
  const pool = new SlotPool(model.slots, { maxQueue: 8, queueTimeoutMs: 60_000, clock, ...options });
  const prompt = (text: string) => model.prepare(generateRequest.parse({ prompt: text }), { owner: '', signal });
  return { clock, pool, prompt, slots: model.slots };
}

const ordinary = { owner: '', count: () => 1, arrival: 1, onPosition: () => undefined };

it('stops emptying slots when the signal aborts, and takes all of them back', async () => {
  const { pool, prompt, slots } = await openPool(3);
  const abort = new AbortController();
  let emptied = 0;
  for (const slot of slots) {
    slot.forget = async () => {
      emptied++;
      abort.abort('enough');
    };
  }
  const acquiring = pool.acquire(await prompt('a'), { ...ordinary, count: () => 3, signal: abort.signal });
  await expect(acquiring).rejects.toBe('enough');
  expect([emptied, pool.busy]).toEqual([1, 0]);
});

it('outlook throws queue-full when the queue is full', async () => {
  const { pool, prompt } = await openPool(1);
  const abort = new AbortController();
  const [running] = await pool.acquire(await prompt('a'), { ...ordinary, signal });
  const waiting = Array.from({ length: 8 }, async () =>
    pool.acquire(await prompt('b'), { ...ordinary, signal: abort.signal }),
  );
  await expect.poll(() => pool.queued).toBe(8);
  const next = await prompt('c');
  expect(() => pool.outlook(next, '')).toThrow(expect.objectContaining({ code: 'queue-full' }));
  abort.abort('enough');
  await Promise.allSettled(waiting);
  expect(pool.outlook(next, '')).toMatchObject({ queuePosition: 1 });
  pool.release(running);
});

it('serves requests by arrival, even if the first one took longer to tokenise', async () => {
  const { clock, pool, prompt } = await openPool(1);
  const order: string[] = [];
  const wait = async (name: string, ready: Prompt, arrival: number) => {
    const slots = await pool.acquire(ready, {
      signal,
      owner: '',
      count: () => 1,
      arrival,
      onPosition: (position) => order.push(`${name} is ${position}`),
    });
    order.push(`${name} goes`);
    return slots;
  };
  const [running] = await wait('running', await prompt('a'), pool.arrive());
  const [long, short] = [pool.arrive(), pool.arrive()];
  const second = wait('short', await prompt('b'), short);
  const first = wait('long', await prompt('c'), long);
  pool.release(running);
  const [slot] = await first;
  pool.release(slot as Slot);
  await second;
  expect(order).toEqual([
    'running goes',
    'short is 1',
    'long is 1',
    'short is 2',
    'short is 1',
    'long goes',
    'short goes',
  ]);
  expect(clock.sleepers).toBe(0);
});

it('takes a slot beside a busy one where only one slot was used longer ago', async () => {
  const { pool, prompt, slots } = await openPool(4);
  await pool.acquire(await prompt('a'), { ...ordinary, count: () => 4, signal });
  for (const at of [3, 2, 0]) pool.release(slots[at] as Slot);
  const [slot] = await pool.acquire(await prompt('b'), { ...ordinary, signal });
  expect(slots.indexOf(slot)).toBe(2);
});

it('lets no more slots be busy than the capacity allows, and reports places until it grows', async () => {
  let capacity = 1;
  const { pool, prompt } = await openPool(3, { capacity: () => capacity });
  const places: string[] = [];
  const ready = await prompt('a');
  const acquire = (name: string) =>
    pool.acquire(ready, {
      ...ordinary,
      arrival: pool.arrive(),
      signal,
      onPosition: (place) => places.push(`${name} ${place}`),
    });
  const [running] = await acquire('first');
  const waiting = [acquire('second'), acquire('third')];
  expect(pool.outlook(ready, '').queuePosition).toBe(3);
  expect([pool.busy, pool.queued]).toEqual([1, 2]);
  capacity = 2;
  pool.capacityChanged();
  await waiting[0];
  expect([pool.busy, pool.queued, places]).toEqual([2, 1, ['second 1', 'third 2', 'third 1']]);
  // Less than what is busy already: nobody is interrupted, nobody is let in.
  capacity = 0;
  pool.capacityChanged();
  pool.release(running);
  expect([pool.busy, pool.queued]).toEqual([1, 1]);
  capacity = 2;
  pool.capacityChanged();
  await waiting[1];
  expect([pool.busy, pool.queued]).toEqual([2, 0]);
});

it('lets a request in that needs more slots than may be busy, when one may', async () => {
  let capacity = 0;
  const { pool, prompt } = await openPool(3, { capacity: () => capacity });
  const waiting = pool.acquire(await prompt('a'), { ...ordinary, count: () => 3, signal });
  expect(pool.queued).toBe(1);
  capacity = 1;
  pool.capacityChanged();
  expect([(await waiting).length, pool.busy]).toEqual([3, 3]);
});

it('refuses those that wait, and new ones, for the reason that the backend gives', async () => {
  let refusal: HeadwayError | null = null;
  const { clock, pool, prompt } = await openPool(1, { refusal: () => refusal });
  const ready = await prompt('a');
  const [running] = await pool.acquire(ready, { ...ordinary, signal });
  const waiting = Promise.allSettled([1, 2].map(() => pool.acquire(ready, { ...ordinary, signal })));
  refusal = new HeadwayError('upstream-failed', 'no upstream is up');
  pool.capacityChanged();
  expect(await waiting).toEqual([1, 2].map(() => ({ status: 'rejected', reason: refusal })));
  await expect(pool.acquire(ready, { ...ordinary, signal })).rejects.toBe(refusal);
  expect(() => pool.outlook(ready, '')).toThrow(refusal);
  pool.release(running);
  refusal = null;
  await pool.acquire(ready, { ...ordinary, signal });
  expect([pool.busy, pool.queued, clock.sleepers]).toEqual([1, 0, 0]);
});

it.each([
  [0, 'the model took no request for 60 s'],
  [1, 'no slot was free within 60 s'],
])('says at a capacity of %i why a request waited in vain', async (capacity, message) => {
  const { clock, pool, prompt } = await openPool(1, { capacity: () => capacity });
  const ready = await prompt('a');
  if (capacity > 0) await pool.acquire(ready, { ...ordinary, signal });
  const ended = Promise.allSettled([pool.acquire(ready, { ...ordinary, signal })]);
  await clock.advance(60_000);
  expect(await ended).toMatchObject([{ reason: { code: 'queue-timeout', message: expect.stringContaining(message) } }]);
});

it('tells which request has a slot, and whose tokens are in its memory', async () => {
  const { clock, pool, prompt, slots } = await openPool(3);
  const request = await prompt('one two three');
  request.request.id = 'mine';
  const [first] = await pool.acquire(request, { ...ordinary, owner: 'me', count: () => 2, signal });
  const idle = { run: null, held: { tokens: 0, owner: '' } };
  const run = { id: 'mine', owner: 'me' };
  expect(pool.slots()).toEqual([
    { run, held: { tokens: 0, owner: 'me' } },
    { run, held: { tokens: 0, owner: 'me' } },
    idle,
  ]);
  const plan = { signal, nextChunk: (remaining: number) => remaining, onRead: () => undefined };
  const reading = first.prefill(request, { ...plan, onProgress: () => undefined });
  await clock.advance(60_000);
  await reading;
  pool.release(first);
  expect(pool.slots()[slots.indexOf(first)]).toEqual({ run: null, held: { tokens: first.held, owner: 'me' } });
  expect(first.held).toBeGreaterThan(0);
});

it('lets a request in as soon as it needs no more slots than are idle', async () => {
  const { pool, prompt } = await openPool(3);
  const ready = await prompt('a');
  const [running] = await pool.acquire(ready, { ...ordinary, signal });
  let count = 3;
  const waiting = pool.acquire(ready, { ...ordinary, count: () => count, signal });
  pool.countChanged();
  expect([pool.busy, pool.queued]).toEqual([1, 1]);
  count = 2;
  pool.countChanged();
  expect([(await waiting).length, pool.busy, pool.queued]).toEqual([2, 3, 0]);
  pool.release(running);
});
