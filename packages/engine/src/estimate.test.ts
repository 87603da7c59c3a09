import type { GenerateInput, GenerationEvent } from '@headway/protocol';
import { collect } from '@headway/protocol/testing';
import { describe, expect, it } from 'vitest';

import { scripted } from './backends/scripted/scripted.ts';
import { createVirtualClock } from './backends/scripted/virtual-clock.ts';
import { createEngine, type EngineOptions } from './create-engine.ts';
import type { Engine } from './port/engine.ts';

const words = (count: number, seed = 'w') => Array.from({ length: count }, (_, at) => `${seed}${at}`).join(' ');

async function open(options: Partial<EngineOptions> = {}) {
  const clock = createVirtualClock({ auto: true });
  const script = { prefillTokensPerSecond: 1000, decodeTokensPerSecond: 50, reply: 'ok' };
  return createEngine({ backend: scripted({ clock, script, modelId: 'fast' }), clock, parallel: 2, ...options });
}

/** Starts a generation and resolves with it at the first event for which `reached` is true. The generation goes on. */
async function start(engine: Engine, input: GenerateInput, reached: (event: GenerationEvent) => boolean) {
  const generation = engine.generate(input);
  await new Promise<void>((resolve, reject) => {
    const follow = async () => {
      for await (const event of generation) if (reached(event)) resolve();
      reject(new Error('the generation ended before the event'));
    };
    void follow();
  });
  return generation;
}

describe('an estimate', () => {
  it('has no times before the first prefill, and is within 5% of them afterwards', async () => {
    await using engine = await open();
    const input = { prompt: words(3000) };
    expect(await engine.estimate(input)).toEqual({
      model: 'fast',
      tokens: 3000,
      cached: 0,
      queuePosition: null,
      prefillMs: null,
      timeToFirstTokenMs: null,
    });
    await engine.generate({ prompt: words(1500, 'other') }).result();
    const estimate = await engine.estimate(input);
    const { timings } = await engine.generate(input).result();
    expect(estimate.prefillMs ?? 0).toBeGreaterThan(0.95 * timings.prefillMs);
    expect(estimate.prefillMs).toBeLessThan(1.05 * timings.prefillMs);
    expect(estimate.timeToFirstTokenMs ?? 0).toBeGreaterThan(0.95 * (timings.timeToFirstTokenMs ?? 0));
    expect(estimate.timeToFirstTokenMs).toBeLessThan(1.05 * (timings.timeToFirstTokenMs ?? 0));
  });

  it('has the tokens of each span, and how many of them are cached', async () => {
    await using engine = await open();
    const [first, second] = [words(300, 'a'), words(200, 'b')];
    const prompt = `${first} ${second}`;
    const spans = [
      { name: 'a.txt', start: 0, end: first.length },
      { name: 'b.txt', start: first.length + 1, end: prompt.length },
    ];
    expect((await engine.estimate({ prompt, spans })).spans).toEqual([
      { name: 'a.txt', tokens: 300, cached: 0 },
      { name: 'b.txt', tokens: 200, cached: 0 },
    ]);
    await engine.generate({ prompt: `${first} ${words(50, 'b')} c`, maxTokens: 1 }).result();
    expect((await engine.estimate({ prompt, spans })).spans).toEqual([
      { name: 'a.txt', tokens: 300, cached: 300 },
      { name: 'b.txt', tokens: 200, cached: 50 },
    ]);
    expect(await engine.estimate({ prompt })).not.toHaveProperty('spans');
  });

  it('takes no slot and caches nothing', async () => {
    await using engine = await open();
    await engine.estimate({ prompt: words(3000) });
    expect(await engine.activity()).toMatchObject({ slots: { total: 2, busy: 0 }, queued: 0 });
    const { usage } = await engine.generate({ prompt: words(3000) }).result();
    expect(usage.cachedTokens).toBe(0);
  });

  it("counts the owner's own earlier prompts as cached, and no other owner's", async () => {
    await using engine = await open();
    await engine.generate({ prompt: words(1000) }, { owner: 'fox' }).result();
    const input = { prompt: words(2000) };
    const own = await engine.estimate(input, { owner: 'fox' });
    const others = await engine.estimate(input, { owner: 'owl' });
    expect([own.cached, others.cached]).toEqual([1000, 0]);
    expect(own.timeToFirstTokenMs).toBeLessThan(0.6 * (others.timeToFirstTokenMs ?? 0));
    const { usage } = await engine.generate(input, { owner: 'fox' }).result();
    expect(usage.cachedTokens).toBe(own.cached);
  });

  it('includes the time of prompts that are prefilled first', async () => {
    await using engine = await open({ parallel: 3 });
    await engine.generate({ prompt: words(1500) }).result();
    const alone = await engine.estimate({ prompt: words(2000, 'a') });
    const before = await start(engine, { prompt: words(1000, 'b') }, ({ type }) => type === 'prefill');
    const estimate = await engine.estimate({ prompt: words(2000, 'a') });
    expect(estimate.timeToFirstTokenMs ?? 0).toBeGreaterThan((alone.timeToFirstTokenMs ?? 0) + 900);
    expect(estimate.timeToFirstTokenMs ?? 0).toBeLessThan((alone.timeToFirstTokenMs ?? 0) + 1100);
    await before.result();
  });

  it('has a queue position and no time to first token when every slot is busy', async () => {
    await using engine = await open({ parallel: 1 });
    await engine.generate({ prompt: words(1500) }).result();
    const decoder = engine.generate({ prompt: 'x', ignoreEos: true });
    await decoder.admitted;
    const estimate = await engine.estimate({ prompt: words(1000) });
    expect(estimate).toMatchObject({ tokens: 1000, queuePosition: 1, timeToFirstTokenMs: null });
    expect(estimate.prefillMs).toBeGreaterThan(0);
    await decoder.cancel();
  });

  it.each([
    ['invalid-request', { prompt: '' }],
    ['model-not-found', { prompt: 'x', model: 'unknown' }],
    ['context-overflow', { prompt: words(50_000) }],
  ])('rejects with %s where the request would', async (code, input) => {
    await using engine = await open();
    await expect(engine.estimate(input)).rejects.toMatchObject({ code });
  });

  it('takes no place in the queue from a request while the model loads', async () => {
    const clock = createVirtualClock();
    const backend = scripted({ clock, loadMs: 1000 });
    const engine = await createEngine({ backend, clock, lazy: true, parallel: 1, maxQueue: 0 });
    const estimate = engine.estimate({ prompt: 'a b c' });
    await expect(engine.estimate({ prompt: 'a' })).rejects.toMatchObject({ code: 'queue-full' });
    expect(await engine.activity()).toMatchObject({ queued: 0 });
    const generation = engine.generate({ prompt: 'a b c' });
    await generation.admitted;
    await clock.advance(60_000);
    expect(await estimate).toMatchObject({ tokens: 3 });
    expect(await generation.result()).toMatchObject({ finishReason: 'stop' });
    await engine.close();
  });

  it('waits for the model to load, and rejects with shutting-down when the engine closes first', async () => {
    const clock = createVirtualClock();
    const engine = await createEngine({ backend: scripted({ clock, loadMs: 1000 }), clock, lazy: true });
    const waiting = engine.estimate({ prompt: 'a b c' });
    await clock.advance(1000);
    expect(await waiting).toMatchObject({ tokens: 3 });
    const late = await createEngine({ backend: scripted({ clock, loadMs: 1000 }), clock, lazy: true });
    const [ended] = await Promise.allSettled([late.estimate({ prompt: 'a' }), engine.close(), late.close()]);
    expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'shutting-down' } });
    await expect(late.estimate({ prompt: 'a' })).rejects.toMatchObject({ code: 'shutting-down' });
    expect(clock.sleepers).toBe(0);
  });
});

describe('etaMs', () => {
  it('is within 10% of the prefill time from the first event on, also while another stream decodes', async () => {
    await using engine = await open({ parallel: 3 });
    await engine.generate({ prompt: words(1500, 'first') }).result();
    await using _decoder = await start(engine, { prompt: words(10), ignoreEos: true }, ({ type }) => type === 'token');
    for (const seed of ['a', 'b']) {
      const events = await collect(engine.generate({ prompt: words(2000, seed) }));
      const reading = events.flatMap((event) => (event.type === 'prefill' ? [event] : []));
      const end = reading.at(-1)?.elapsedMs ?? 0;
      expect(reading.length).toBeGreaterThan(10);
      for (const { etaMs, elapsedMs } of reading) {
        expect(Math.abs((etaMs ?? Number.NaN) - (end - elapsedMs))).toBeLessThan(0.1 * end);
      }
    }
  });
});
