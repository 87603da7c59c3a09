import { expect, it } from 'vitest';

import type { Backend, LoadedModel } from '../backend/backend.ts';
import { scripted } from '../backends/scripted/scripted.ts';
import { createEngine } from '../create-engine.ts';

/** A backend that takes until `finish` to prepare a prompt. */
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

it('prepares no more prompts at once than will find a slot or a place in the queue', async () => {
  const { backend, finish } = slowToPrepare();
  await using engine = await createEngine({ backend, parallel: 1, maxQueue: 1 });
  const asked = [engine.estimate({ prompt: 'one' }), engine.estimate({ prompt: 'two' })];
  await expect(engine.estimate({ prompt: 'three' })).rejects.toMatchObject({ code: 'queue-full' });
  // Those who ask take no place from those who want an answer.
  const taken = [engine.generate({ prompt: 'four' }), engine.generate({ prompt: 'five' })];
  await expect(engine.generate({ prompt: 'six' }).admitted).rejects.toMatchObject({ code: 'queue-full' });
  finish();
  expect((await Promise.all(asked)).map(({ queuePosition }) => queuePosition)).toEqual([null, null]);
  expect((await Promise.all(taken.map((one) => one.result()))).map(({ finishReason }) => finishReason)).toEqual([
    'stop',
    'stop',
  ]);
  expect(await engine.generate({ prompt: 'seven' }).result()).toMatchObject({ finishReason: 'stop' });
});

it('gives the place back of a prompt whose owner gave up', async () => {
  const { backend, finish } = slowToPrepare();
  await using engine = await createEngine({ backend, parallel: 1, maxQueue: 0 });
  const abort = new AbortController();
  const gone = engine.generate({ prompt: 'one' }, { signal: abort.signal });
  abort.abort();
  finish();
  expect(await gone.result()).toMatchObject({ finishReason: 'cancelled' });
  expect(await engine.generate({ prompt: 'two' }).result()).toMatchObject({ finishReason: 'stop' });
});
