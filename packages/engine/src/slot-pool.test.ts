import { generateRequest } from '@headway/protocol';
import { expect, it } from 'vitest';

import type { Prompt, Slot } from './backend.ts';
import { scripted } from './backends/scripted/scripted.ts';
import { createVirtualClock } from './backends/scripted/virtual-clock.ts';
import { SlotPool } from './slot-pool.ts';

const { signal } = new AbortController();

async function openPool(parallel: number) {
  const clock = createVirtualClock();
  const model = await scripted({ clock }).load({ parallel, contextSize: null, signal });
  const pool = new SlotPool(model.slots, { maxQueue: 8, queueTimeoutMs: 60_000, clock });
  const prompt = (text: string) => model.prepare(generateRequest.parse({ prompt: text }), { signal });
  return { clock, pool, prompt };
}

it('gives a turn by arrival, though a prompt that came first took longer to be tokenised', async () => {
  const { clock, pool, prompt } = await openPool(1);
  const order: string[] = [];
  const wait = async (name: string, ready: Prompt, arrival: number) => {
    const slots = await pool.acquire(ready, {
      signal,
      owner: '',
      count: 1,
      priority: 0,
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
