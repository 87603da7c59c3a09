import { collect, invariantViolations } from '@headway/protocol/testing';
import { describe, expect, it, test, vi } from 'vitest';

import { scripted } from '../backends/scripted/scripted.ts';
import { faultyBackend, isAlive, runTypeScript } from '../isolation/open-isolated.fixture.ts';
import type { FaultyOptions } from '../isolation/faulty-backend.fixture.ts';
import { createModelsEngine, type ModelsEngineOptions } from './create-models-engine.ts';
import type { ModelProcessNews } from './process-history.ts';

// Starting a process that compiles TypeScript takes seconds, more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const model = (modelId: string, options: FaultyOptions = {}) => ({
  ...faultyBackend({ modelId, ...options }),
  modelId,
});

/** An engine with the news of its processes. */
async function open(options: ModelsEngineOptions) {
  const news: ModelProcessNews[] = [];
  const engine = await createModelsEngine({ execArgv: runTypeScript, onProcess: (one) => news.push(one), ...options });
  const pidsOf = (id: string) =>
    news.flatMap((one) => (one.type === 'started' && one.modelId === id ? (one.pid ?? []) : []));
  return { engine, news, pidsOf, [Symbol.asyncDispose]: () => engine.close() };
}

describe('an engine of several models', () => {
  it('has a process for each, so that one that crashes leaves the streams of the others alone', async () => {
    await using context = await open({
      models: [model('a'), { ...model('b'), parallel: 1, contextSize: 512 }, { backend: scripted() }],
      parallel: 2,
    });
    const { engine, news, pidsOf } = context;
    const endless = { prompt: 'go on', maxTokens: 150, ignoreEos: true };
    const others = ['b', 'scripted'].map((id) => collect(engine.generate({ ...endless, model: id })));
    const crash = await collect(engine.generate({ prompt: 'native crash', id: 'same' }));
    expect(crash.at(-1)).toMatchObject({ type: 'error', code: 'engine-crashed' });
    expect(await engine.generate({ prompt: 'again' }).result()).toMatchObject({ finishReason: 'stop' });
    for (const events of await Promise.all(others)) {
      expect(invariantViolations(events)).toEqual([]);
      expect(events.at(-1)).toMatchObject({ type: 'done' });
    }
    expect([pidsOf('a').length, pidsOf('b').length, news.filter(({ type }) => type === 'crashed').length]).toEqual([
      2, 1, 1,
    ]);
    expect(await engine.activity()).toEqual({
      slots: { total: 5, busy: 0 },
      queued: 0,
      models: [
        { id: 'a', queued: 0, slots: [expect.anything(), expect.anything()] },
        { id: 'b', queued: 0, slots: [{ run: null, held: { tokens: expect.any(Number), owner: '' } }] },
        { id: 'scripted', queued: 0, slots: [expect.anything(), expect.anything()] },
      ],
      process: { restarts: 1, lastCrash: 'crashed (SIGSEGV)' },
    });
    expect(await engine.models()).toMatchObject([
      { id: 'a', state: 'ready', slots: 2, contextSize: 4096, memoryBytes: expect.any(Number) },
      { id: 'b', state: 'ready', slots: 1, contextSize: 512, memoryBytes: expect.any(Number) },
      { id: 'scripted', state: 'ready' },
    ]);
    const message = 'model: there is no "c"; choose one of: a, b, scripted';
    await expect(engine.generate({ prompt: 'x', model: 'c' }).admitted).rejects.toMatchObject({
      code: 'model-not-found',
      message,
    });
    await expect(engine.estimate({ prompt: 'x', model: 'c' })).rejects.toMatchObject({ code: 'model-not-found' });
    await engine.close();
    expect([...pidsOf('a'), ...pidsOf('b')].filter(isAlive)).toEqual([]);
  });

  it('ends what waits when its process crashes while it loads, and frees the memory', async () => {
    await using context = await open({ models: [model('a', { diesLoading: true, needBytes: 1 })], memoryLimit: 1000 });
    const { engine, pidsOf } = context;
    const events = await collect(engine.generate({ prompt: 'hi' }));
    expect(invariantViolations(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      code: 'engine-crashed',
      message: expect.stringContaining('while it loaded'),
    });
    await expect.poll(async () => (await engine.activity()).memory?.used).toBe(0);
    expect(await engine.models()).toMatchObject([{ state: 'failed', onDemand: true }]);
    // It is not started again until it is asked for, and then once.
    await expect(engine.generate({ prompt: 'hi' }).result()).rejects.toMatchObject({ code: 'engine-crashed' });
    expect([pidsOf('a').length, pidsOf('a').filter(isAlive)]).toEqual([2, []]);
  });
});

test.each<[Partial<ModelsEngineOptions>, RegExp]>([
  [{ models: [model('a'), model('a')] }, /two models have the id "a"/],
  [{ models: [{ ...model('a'), parallel: 0 }] }, /parallel: 0/],
  [{ models: [{ ...model('a'), ttlMs: 0 }] }, /ttlMs: 0/],
  [{ memoryLimit: 0 }, /memoryLimit: 0/],
  [{ maxQueue: -1 }, /maxQueue: -1/],
])('refuses %j', async (options, message) => {
  const opening = createModelsEngine({ models: [model('a')], ...options });
  await expect(opening).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringMatching(message) });
});

test('says what is wrong with a model file before anything asks for it', async () => {
  const opening = open({ models: [{ llama: { model: '/nowhere/x.gguf' } }], memoryLimit: 1e9 });
  await expect(opening).rejects.toMatchObject({
    code: 'model-load-failed',
    message: expect.stringContaining('there is no file /nowhere/x.gguf'),
  });
});
