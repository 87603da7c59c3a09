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
