import { generateRequest } from '@headway/protocol';
import { expect, it } from 'vitest';

import type { Prompt, Slot } from '../backend/backend.ts';
import { scripted } from '../backends/scripted/scripted.ts';
import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { SlotPool } from './slot-pool.ts';

const { signal } = new AbortController();

async function openPool(parallel: number) {
  const clock = createVirtualClock();
  const model = await scripted({ clock }).load({ parallel, contextSize: null, signal });
  const pool = new SlotPool(model.slots, { maxQueue: 8, queueTimeoutMs: 60_000, clock });
  const prompt = (text: string) => model.prepare(generateRequest.parse({ prompt: text }), { owner: '', signal });
  return { clock, pool, prompt, slots: model.slots };
}

const ordinary = { owner: '', count: 1, arrival: 1, onPosition: () => undefined };

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
  const acquiring = pool.acquire(await prompt('a'), { ...ordinary, count: 3, signal: abort.signal });
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
      count: 1,
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
  await pool.acquire(await prompt('a'), { ...ordinary, count: 4, signal });
  for (const at of [3, 2, 0]) pool.release(slots[at] as Slot);
  const [slot] = await pool.acquire(await prompt('b'), { ...ordinary, signal });
  expect(slots.indexOf(slot)).toBe(2);
});
