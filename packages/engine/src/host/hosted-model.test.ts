import { HeadwayError } from '@headway/protocol';
import { expect, it } from 'vitest';

import type { Backend, LoadedModel } from '../backend/backend.ts';
import { scripted } from '../backends/scripted/scripted.ts';
import { createEngine } from '../create-engine.ts';

/** A backend whose `prepare` waits until `finish` is called. */
function slowToPrepare(): { backend: Backend; finish: () => void } {
  let finish = () => undefined as void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const inner = scripted();
  const backend: Backend = {
    ...inner,
    async load(options): Promise<LoadedModel> {
      const loaded = await inner.load(options);
      return {
        ...loaded,
        async prepare(request, options) {
          await finished;
          return loaded.prepare(request, options);
        },
      };
    },
  };
  return { backend, finish };
}

it('prepares at most parallel + maxQueue prompts at once, counting estimates apart from requests', async () => {
  const { backend, finish } = slowToPrepare();
  await using engine = await createEngine({ backend, parallel: 1, maxQueue: 1 });
  const estimates = [engine.estimate({ prompt: 'one' }), engine.estimate({ prompt: 'two' })];
  await expect(engine.estimate({ prompt: 'three' })).rejects.toMatchObject({ code: 'queue-full' });
  // Estimates take no place from requests.
  const accepted = [engine.generate({ prompt: 'four' }), engine.generate({ prompt: 'five' })];
  await expect(engine.generate({ prompt: 'six' }).admitted).rejects.toMatchObject({ code: 'queue-full' });
  finish();
  expect((await Promise.all(estimates)).map(({ queuePosition }) => queuePosition)).toEqual([null, null]);
  expect((await Promise.all(accepted.map((one) => one.result()))).map(({ finishReason }) => finishReason)).toEqual([
    'stop',
    'stop',
  ]);
  expect(await engine.generate({ prompt: 'seven' }).result()).toMatchObject({ finishReason: 'stop' });
});

it('frees the place of a prompt that is cancelled while it is prepared', async () => {
  const { backend, finish } = slowToPrepare();
  await using engine = await createEngine({ backend, parallel: 1, maxQueue: 0 });
  const abort = new AbortController();
  const gone = engine.generate({ prompt: 'one' }, { signal: abort.signal });
  abort.abort();
  finish();
  expect(await gone.result()).toMatchObject({ finishReason: 'cancelled' });
  expect(await engine.generate({ prompt: 'two' }).result()).toMatchObject({ finishReason: 'stop' });
});

/** A backend whose capacity a test sets. */
function changingCapacity() {
  const inner = scripted();
  let changed = () => undefined as void;
  let now = { capacity: 0, refusal: null as HeadwayError | null };
  const backend: Backend = {
    ...inner,
    load: async (options) => ({
      ...(await inner.load(options)),
      capacity: () => now.capacity,
      refusal: () => now.refusal,
      onCapacity: (listener) => (changed = listener),
    }),
  };
  const set = (next: typeof now) => {
    now = next;
    changed();
  };
  return { backend, set };
}

it('queues requests while the backend takes none, and lets them go when it says that it takes some', async () => {
  const { backend, set } = changingCapacity();
  await using engine = await createEngine({ backend });
  const generation = engine.generate({ prompt: 'one' });
  const phases: unknown[] = [];
  for await (const event of generation) {
    if (event.type !== 'prefill') continue;
    phases.push(event.phase);
    if (event.phase === 'queued') set({ capacity: 1, refusal: null });
  }
  expect(phases.slice(0, 2)).toEqual(['queued', 'prefill']);
});

it('ends those that wait with the reason why the backend takes none', async () => {
  const { backend, set } = changingCapacity();
  await using engine = await createEngine({ backend });
  const generation = engine.generate({ prompt: 'one' });
  const refusal = new HeadwayError('upstream-failed', 'no upstream is up');
  const events: unknown[] = [];
  for await (const event of generation) {
    events.push(event);
    if (event.type === 'prefill') set({ capacity: 0, refusal });
  }
  expect(events).toMatchObject([
    { type: 'prefill', phase: 'queued' },
    { type: 'error', code: 'upstream-failed', message: 'no upstream is up' },
  ]);
  // A request that comes now is refused before its first event.
  await expect(engine.generate({ prompt: 'two' }).admitted).rejects.toMatchObject({ code: 'upstream-failed' });
  await expect(engine.estimate({ prompt: 'two' })).rejects.toMatchObject({ code: 'upstream-failed' });
});
