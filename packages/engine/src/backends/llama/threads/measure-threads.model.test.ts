import { availableParallelism } from 'node:os';

import { storytellerPath } from '@headway/storyteller';
import { getLlama, LlamaLogLevel, type Llama, type LlamaModel } from 'node-llama-cpp';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { createEngine } from '../../../create-engine.ts';
import { openBatchLoop } from '../batch/open-batch-loop.ts';
import { llama } from '../llama.ts';
import { measureThreads } from './measure-threads.ts';
import { threadCandidates } from './thread-trials.ts';

const { signal } = new AbortController();

let instance: Llama;
let model: LlamaModel;
beforeEach(async () => {
  instance = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error });
  model = await instance.loadModel({ modelPath: storytellerPath });
});
afterEach(async () => {
  await instance.dispose();
});

it("chooses among the machine's counts and closes its context", async () => {
  const createContext = vi.spyOn(model, 'createContext');
  const { counts, decodeTrials } = await measureThreads({ model, instance, cores: 2, budgetMs: 10_000, signal });
  expect(threadCandidates(2)).toContain(counts.decode);
  expect(threadCandidates(2)).toContain(counts.prefill);
  // Two threads are given up on a busy machine, and then have no time to report.
  expect(decodeTrials[0]).toEqual({ threads: 1, ms: expect.any(Number) });
  for (const { threads, ms } of decodeTrials) {
    expect(threadCandidates(2)).toContain(threads);
    expect(ms).toBeGreaterThan(0);
  }
  const [context] = await Promise.all(createContext.mock.results.map(({ value }) => value));
  await expect.poll(() => context?.disposed, { timeout: 50_000 }).toBe(true);
});

it('chooses the safest counts when there is no time', async () => {
  expect(await measureThreads({ model, instance, cores: 4, budgetMs: 0, signal })).toEqual({
    counts: { decode: 2, prefill: 2 },
    decodeTrials: [],
  });
});

it('measures nothing where there is one candidate, or where a GPU computes', async () => {
  const createContext = vi.spyOn(model, 'createContext');
  expect(await measureThreads({ model, instance, cores: 1, signal })).toEqual({
    counts: { decode: 1, prefill: 1 },
    decodeTrials: [],
  });
  const onGpu = {
    instance: Object.create(instance, { gpu: { value: 'cuda' } }) as Llama,
    model: Object.create(model, { gpuLayers: { value: 8 } }) as LlamaModel,
  };
  const onEight = await measureThreads({ ...onGpu, cores: 8, signal });
  expect(onEight).toEqual({ counts: { decode: 4, prefill: 4 }, decodeTrials: [] });
  expect(createContext).not.toHaveBeenCalled();
});

it('stops when loading is aborted', async () => {
  const abort = new AbortController();
  const measuring = measureThreads({ model, instance, cores: 2, signal: abort.signal });
  abort.abort(new Error('gone'));
  await expect(measuring).rejects.toThrow('gone');
});

it('chunks and tokens are computed with the thread counts of their own', async () => {
  const wanted = { decode: 1, prefill: 2 };
  const seen: [work: string, threads: number][] = [];
  instance.maxThreads = 2;
  const context = await model.createContext({ contextSize: 512, threads: 2 });
  openBatchLoop(context, wanted);
  const sequence = context.getSequence();
  const tokens = model.tokenizer('The fox read a book to the owl. '.repeat(4));
  for (let round = 0; round < 3; round++) {
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, -1));
    seen.push(['prefill', context.currentThreads]);
    for await (const _ of sequence.evaluate(tokens.slice(-1))) break;
    seen.push(['decode', context.currentThreads]);
  }
  expect(seen).toEqual(Array.from({ length: 3 }, () => Object.entries(wanted).toReversed()).flat());
});

it.each([
  { threads: 2, reported: { threads: 2, prefillThreads: 2 } },
  { threads: { decode: 1, prefill: 2 }, reported: { threads: 1, prefillThreads: 2 } },
])('uses the configured threads: $threads', async ({ threads, reported }) => {
  await using engine = await createEngine({
    backend: llama({ model: storytellerPath, gpu: false, threads }),
    parallel: 1,
    contextSize: 512,
  });
  const [info] = await engine.models();
  expect(info).toMatchObject(reported);
  expect(info?.decodeTrials).toBeUndefined();
});

it('reports the measured threads', async () => {
  await using engine = await createEngine({
    backend: llama({ model: storytellerPath, gpu: false }),
    parallel: 1,
    contextSize: 512,
  });
  const [info] = await engine.models();
  expect(threadCandidates(availableParallelism())).toContain(info?.threads);
  expect(threadCandidates(availableParallelism())).toContain(info?.prefillThreads);
});
