import { getEventListeners } from 'node:events';

import type { GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { describe, expect, it } from 'vitest';

import { scripted } from './backends/scripted/scripted.ts';
import { createVirtualClock } from './backends/scripted/virtual-clock.ts';
import { createEngine } from './create-engine.ts';

const stall = { fault: { phase: 'decode', afterTokens: 1, does: 'stall' } } as const;

async function open(options: Partial<Parameters<typeof createEngine>[0]> = {}) {
  const clock = createVirtualClock({ auto: true });
  const script = ({ prompt = '' }) => (prompt.startsWith('stall') ? stall : {});
  return createEngine({ backend: scripted({ clock, script }), clock, ...options });
}

describe('an engine', () => {
  it('queues requests, reports their places as the queue moves, and refuses one beyond maxQueue', async () => {
    await using engine = await open({ parallel: 1, maxQueue: 2 });
    const running = engine.generate({ prompt: 'stall' });
    await running.admitted;
    const waiting = [engine.generate({ prompt: 'first' }), engine.generate({ prompt: 'second' })];
    const refused = engine.generate({ prompt: 'third' });
    await expect(refused.admitted).rejects.toMatchObject({ code: 'queue-full', retryable: true });
    await running.cancel();
    const places = await Promise.all(
      waiting.map(async (generation) => {
        const seen: (number | null)[] = [];
        for await (const event of generation) if (event.type === 'prefill') seen.push(event.queuePosition);
        return seen.filter((place) => place !== null);
      }),
    );
    expect(places).toEqual([[1], [2, 1]]);
  });

  it('serves the queue by priority, then by arrival', async () => {
    await using engine = await open({ parallel: 1 });
    const running = engine.generate({ prompt: 'stall' });
    await running.admitted;
    const order: string[] = [];
    const waiting = (
      [
        ['later', -1],
        ['first', 0],
        ['second', 0],
        ['urgent', 5],
      ] as const
    ).map(([prompt, priority]) => {
      const generation = engine.generate({ prompt, priority });
      return { generation, ended: generation.result().then(() => order.push(prompt)) };
    });
    await Promise.all(waiting.map(({ generation }) => generation.admitted));
    await running.cancel();
    await Promise.all(waiting.map(({ ended }) => ended));
    expect(order).toEqual(['urgent', 'first', 'second', 'later']);
  });

  it('ends a request with queue-timeout after queueTimeoutMs and removes it from the queue', async () => {
    const clock = createVirtualClock();
    const backend = scripted({ clock, script: stall });
    await using engine = await createEngine({ backend, clock, parallel: 1, queueTimeoutMs: 5000 });
    const running = engine.generate({ prompt: 'runs' });
    await running.admitted;
    const waiting = engine.generate({ prompt: 'waits' });
    await waiting.admitted;
    await clock.advance(4999);
    expect(await engine.activity()).toMatchObject({ queued: 1 });
    await clock.advance(1);
    await expect(waiting.result()).rejects.toMatchObject({ code: 'queue-timeout', retryable: true });
    expect(await engine.activity()).toMatchObject({ queued: 0, slots: { busy: 1 } });
    const left = engine.generate({ prompt: 'leaves' });
    await left.admitted;
    await left.cancel();
    await running.cancel();
    expect(clock.sleepers).toBe(0);
  });

  it('lets no request overtake one that needs several slots, and serves the next when that one is cancelled', async () => {
    await using engine = await open({ parallel: 2 });
    const running = engine.generate({ prompt: 'stall' });
    await running.admitted;
    const both = engine.generate({ prompt: 'both', choices: 2 });
    await both.admitted;
    const behind = engine.generate({ prompt: 'behind' });
    await behind.admitted;
    expect(await engine.activity()).toMatchObject({ slots: { total: 2, busy: 1 }, queued: 2 });
    await both.cancel();
    await expect(behind.result()).resolves.toMatchObject({ finishReason: 'stop' });
    expect(await engine.activity()).toMatchObject({ slots: { total: 2, busy: 1 }, queued: 0 });
  });

  it('ends each choice independently: one fails, one stops, one is cancelled', async () => {
    const clock = createVirtualClock({ auto: true });
    const scripts = [
      { fault: { phase: 'decode', afterTokens: 2, does: 'fail' } },
      { reply: 'three words only' },
      { fault: { phase: 'decode', afterTokens: 4, does: 'stall' } },
    ] as const;
    const backend = scripted({ clock, script: ({ seed = 0 }) => scripts[seed] ?? {} });
    await using engine = await createEngine({ backend, clock, parallel: 4 });
    const generation = engine.generate({ prompt: 'a b c', choices: 3, seed: 0 });
    const events: GenerationEvent[] = [];
    const busy: number[] = [];
    for await (const event of generation) {
      events.push(event);
      if (event.type === 'done' || event.type === 'error') busy.push((await engine.activity()).slots.busy);
      if (event.type === 'token' && event.index === 2 && event.completionTokens === 4) void generation.cancel();
    }
    expect(invariantViolations(events)).toEqual([]);
    expect(events.filter(({ type }) => type === 'done' || type === 'error')).toMatchObject([
      { index: 0, type: 'error', code: 'internal', usage: { completionTokens: 2 }, remaining: 2 },
      { index: 1, type: 'done', finishReason: 'stop', usage: { completionTokens: 3 }, remaining: 1 },
      { index: 2, type: 'done', finishReason: 'cancelled', usage: { completionTokens: 4 }, remaining: 0 },
    ]);
    expect(busy).toEqual([2, 1, 0]);
  });

  it('stops copying slot memory when the generation is cancelled between two copies', async () => {
    const clock = createVirtualClock({ auto: true });
    const backend = scripted({ clock });
    let copies = 0;
    const load: typeof backend.load = async (options) => {
      const loaded = await backend.load(options);
      for (const slot of loaded.slots) {
        slot.copyFrom = async () => {
          copies++;
          engine.cancel('copied');
        };
      }
      return loaded;
    };
    await using engine = await createEngine({ backend: { ...backend, load }, clock });
    const events = await collect(engine.generate({ id: 'copied', prompt: 'a b c', choices: 4 }));
    expect(invariantViolations(events)).toEqual([]);
    expect(events.slice(-4).map((event) => event.type === 'done' && event.finishReason)).toEqual(
      Array.from({ length: 4 }, () => 'cancelled'),
    );
    expect(copies).toBe(1);
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });

  it.each(['prefill', 'decode'] as const)(
    'gives the slot of a choice that is cancelled in %s to the queue',
    async (phase) => {
      const clock = createVirtualClock({ auto: true });
      const hangs = { fault: { phase, afterTokens: 1, does: 'stall' } } as const;
      const backend = scripted({ clock, script: ({ prompt = '' }) => (prompt.startsWith('stall') ? hangs : {}) });
      await using engine = await createEngine({ backend, clock, parallel: 2 });
      const running = engine.generate({ prompt: 'stall and more', choices: 2 });
      const events = collect(running);
      await running.admitted;
      const waiting = engine.generate({ prompt: 'next' });
      await waiting.admitted;
      expect(await engine.activity()).toMatchObject({ slots: { busy: 2 }, queued: 1 });
      expect(engine.cancelChoice(running.id, 0)).toBe(true);
      await expect(waiting.result()).resolves.toMatchObject({ finishReason: 'stop' });
      expect(await engine.activity()).toMatchObject({ slots: { busy: 1 }, queued: 0 });
      await running.cancel();
      expect(invariantViolations(await events)).toEqual([]);
      expect((await events).filter(({ type }) => type === 'done')).toHaveLength(2);
    },
  );

  it('lets a queued request in that needs no more slots than are idle once a choice of it is cancelled', async () => {
    await using engine = await open({ parallel: 2 });
    const running = engine.generate({ prompt: 'stall' });
    await running.admitted;
    const waiting = engine.generate({ prompt: 'next', choices: 2 });
    const events = collect(waiting);
    await waiting.admitted;
    expect(engine.cancelChoice(waiting.id, 0)).toBe(true);
    const { choices } = await waiting.result();
    expect(choices.map(({ finishReason }) => finishReason)).toEqual(['cancelled', 'stop']);
    expect(invariantViolations(await events)).toEqual([]);
    await running.cancel();
  });

  it('neither copies nor decodes for a choice that is cancelled before its copy', async () => {
    const clock = createVirtualClock({ auto: true });
    const backend = scripted({ clock });
    let copies = 0;
    await using engine = await createEngine({
      backend: {
        ...backend,
        load: async (options) => {
          const model = await backend.load(options);
          for (const slot of model.slots) {
            const copyFrom = slot.copyFrom.bind(slot);
            slot.copyFrom = async (other) => {
              if (++copies === 1) engine.cancelChoice('mine', 2);
              await copyFrom(other);
            };
          }
          return model;
        },
      },
      clock,
      parallel: 3,
    });
    const events = await collect(engine.generate({ prompt: 'one two three', choices: 3, id: 'mine' }));
    expect(invariantViolations(events)).toEqual([]);
    const ends = events.flatMap((event) => (event.type === 'done' ? [[event.index, event.finishReason]] : []));
    expect(ends).toEqual([
      [2, 'cancelled'],
      [0, 'stop'],
      [1, 'stop'],
    ]);
    expect(textOf(events, { index: 2 })).toBe('');
    expect([copies, (await engine.activity()).slots.busy]).toEqual([1, 0]);
  });

  it('ends every choice with an error when prefill fails', async () => {
    const clock = createVirtualClock({ auto: true });
    const script = { fault: { phase: 'prefill', afterTokens: 1, does: 'fail' } } as const;
    await using engine = await createEngine({ backend: scripted({ clock, script }), clock, parallel: 2 });
    const events = await collect(engine.generate({ prompt: 'a b c', choices: 2 }));
    expect(invariantViolations(events)).toEqual([]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', index: 0, remaining: 1 },
      { type: 'error', index: 1, remaining: 0 },
    ]);
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });

  it('ends running and queued generations with shutting-down on close and refuses new ones', async () => {
    const engine = await open({ parallel: 1 });
    const generations = ['stall', 'waits'].map((prompt) => engine.generate({ prompt }));
    await Promise.all(generations.map(({ admitted }) => admitted));
    await engine.close();
    await engine.close();
    for (const generation of generations)
      await expect(generation.result()).rejects.toMatchObject({ code: 'shutting-down', retryable: true });
    await expect(engine.generate({ prompt: 'late' }).admitted).rejects.toMatchObject({ code: 'shutting-down' });
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  it('closes while a model loads and ends the waiting generation with shutting-down', async () => {
    const clock = createVirtualClock();
    const engine = await createEngine({ backend: scripted({ clock, loadMs: 60_000 }), clock, lazy: true });
    const generation = engine.generate({ prompt: 'early' });
    await generation.admitted;
    await engine.close();
    await expect(generation.result()).rejects.toMatchObject({ code: 'shutting-down' });
    expect(clock.sleepers).toBe(0);
  });

  it('cancels a generation at once while a model loads, also from its own progress hook', async () => {
    const clock = createVirtualClock();
    const engine = await createEngine({ backend: scripted({ clock, loadMs: 60_000 }), clock, lazy: true });
    const abort = new AbortController();
    const progress = ({ phase }: { phase: string }) => void (phase === 'loading' && abort.abort());
    const generation = engine.generate({ prompt: 'early' }, { signal: abort.signal, progress });
    await expect(generation.result()).resolves.toMatchObject({ finishReason: 'cancelled' });
    expect(await engine.activity()).toMatchObject({ queued: 0 });
    await engine.close();
  });

  it('returns held text that could have become a stop string when cancelled', async () => {
    const clock = createVirtualClock();
    const script = { reply: 'one EN two', fault: { phase: 'decode', afterTokens: 2, does: 'stall' } } as const;
    await using engine = await createEngine({ backend: scripted({ clock, script }), clock });
    const generation = engine.generate({ prompt: 'x', stop: [' ENQ'] });
    await clock.advance(10_000);
    await generation.cancel();
    await expect(generation.result()).resolves.toMatchObject({
      text: 'one EN',
      finishReason: 'cancelled',
      usage: { completionTokens: 2 },
    });
  });

  it('accepts parallel + maxQueue requests while a model loads and refuses further ones', async () => {
    const clock = createVirtualClock();
    const backend = scripted({ clock, loadMs: 1000 });
    const engine = await createEngine({ backend, clock, lazy: true, parallel: 2, maxQueue: 3 });
    const generations = Array.from({ length: 20 }, (_, at) => engine.generate({ prompt: `w${at}` }));
    const taken = await Promise.allSettled(generations.map(({ admitted }) => admitted));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(await engine.activity()).toMatchObject({ queued: 5 });
    await expect(generations[5]?.result()).rejects.toMatchObject({ code: 'queue-full' });
    await engine.close();
  });

  it('refuses a generation that a progress hook starts during close', async () => {
    const engine = await open({ parallel: 1 });
    let late: ReturnType<typeof engine.generate> | null = null;
    const running = engine.generate({ prompt: 'stall' });
    await running.admitted;
    const waiting = engine.generate(
      { prompt: 'waits' },
      { progress: ({ isFinal }) => void (isFinal && (late = engine.generate({ prompt: 'late' }))) },
    );
    await waiting.admitted;
    await engine.close();
    await expect((late as unknown as typeof waiting).result()).rejects.toMatchObject({ code: 'shutting-down' });
  });

  it('calls the progress hook once, with the error code, for a refused request', async () => {
    await using engine = await open();
    for (const [input, code] of [
      [{ prompt: '' }, 'invalid-request'],
      [{ prompt: 'x', model: 'unknown' }, 'model-not-found'],
      [{ prompt: 'x', id: 'no good' }, 'invalid-request'],
    ] as const) {
      const outcomes: unknown[] = [];
      const progress = (snapshot: { isFinal: boolean; outcome: unknown }) =>
        void outcomes.push([snapshot.isFinal, snapshot.outcome]);
      await expect(engine.generate(input, { progress }).result()).rejects.toMatchObject({ code });
      expect(outcomes).toEqual([[true, code]]);
    }
  });

  it('does not measure its speed with a prompt that is cached up to its last token', { timeout: 60_000 }, async () => {
    const clock = createVirtualClock({ auto: true });
    const script = { prefillTokensPerSecond: 20, decodeTokensPerSecond: 1000, reply: 'ok' };
    await using engine = await createEngine({ backend: scripted({ clock, script }), clock, parallel: 1 });
    const short = 'w '.repeat(20).trim();
    await engine.generate({ prompt: short }).result();
    const again = await engine.generate({ prompt: short }).result();
    expect(again.usage.cachedTokens).toBe(19);
    expect(again.timings.prefillTokensPerSecond).toBeNull();
    const events = await collect(engine.generate({ prompt: 'v '.repeat(2000).trim() }));
    const reading = events.flatMap((event) => (event.type === 'prefill' ? [event] : []));
    expect(reading[1]?.processed).toBeLessThanOrEqual(64);
    expect(reading[2]?.etaMs).toBeGreaterThan(90_000);
    expect(reading[2]?.etaMs).toBeLessThan(130_000);
    const half = reading.find(({ processed }) => (processed ?? 0) >= 1000);
    expect(half?.etaMs).toBeCloseTo(((1999 - (half?.processed ?? 0)) * 1000) / 20, -3);
  });

  it('reports that a prompt waits for the prefill of another, and excludes that time from its rate', async () => {
    const clock = createVirtualClock({ auto: true });
    const script = { prefillTokensPerSecond: 100, decodeTokensPerSecond: 1000, reply: 'ok' };
    await using engine = await createEngine({ backend: scripted({ clock, script }), clock, parallel: 2 });
    await engine.generate({ prompt: 'x '.repeat(200).trim() }).result();
    const short = engine.generate({ prompt: 'v '.repeat(1000).trim() });
    const long = engine.generate({ prompt: 'w '.repeat(3000).trim() });
    const events = await collect(long);
    await short.result();
    expect(invariantViolations(events)).toEqual([]);
    const reading = events.flatMap((event) => (event.type === 'prefill' ? [event] : []));
    const waiting = reading.filter((event) => event.waiting);
    expect(waiting.length).toBeGreaterThan(3);
    expect(waiting.every((event) => event.waiting?.ahead === 1 && event.phase === 'prefill')).toBe(true);
    expect(reading.at(-1)).toMatchObject({ processed: 3000 });
    expect(reading.at(-1)?.waiting).toBeUndefined();
    for (const { tokensPerSecond } of reading) expect(tokensPerSecond ?? 100).toBeGreaterThan(85);
    const done = events.at(-1);
    expect(done?.type === 'done' && done.timings.prefillTokensPerSecond).toBeGreaterThan(85);
  });

  it('refuses a second generation with a running id, and accepts the id again after its end', async () => {
    await using engine = await open();
    const first = engine.generate({ prompt: 'stall', id: 'mine' });
    await expect(engine.generate({ prompt: 'other', id: 'mine' }).admitted).rejects.toMatchObject({ code: 'conflict' });
    expect(engine.cancel('mine')).toBe(true);
    await expect(first.result()).resolves.toMatchObject({ id: 'mine', finishReason: 'cancelled' });
    expect(engine.cancel('mine')).toBe(false);
    await expect(engine.generate({ prompt: 'again', id: 'mine' }).result()).resolves.toMatchObject({ id: 'mine' });
  });

  it('lets two owners use the same id and cancels only the one of the given owner', async () => {
    await using engine = await open();
    const foxes = engine.generate({ prompt: 'stall', id: 'mine' }, { owner: 'fox' });
    const owls = engine.generate({ prompt: 'stall', id: 'mine' }, { owner: 'owl' });
    await Promise.all([foxes.admitted, owls.admitted]);
    expect(engine.cancel('mine')).toBe(false);
    expect(engine.cancel('mine', 'cancelled', 'fox')).toBe(true);
    await expect(foxes.result()).resolves.toMatchObject({ id: 'mine', finishReason: 'cancelled' });
    expect((await engine.activity()).slots.busy).toBe(1);
    engine.cancel('mine', 'abandoned', 'owl');
    await expect(owls.result()).rejects.toMatchObject({ code: 'abandoned' });
  });

  it('runs a generation that no caller reads, and lets its events be read once', async () => {
    await using engine = await open();
    const generation = engine.generate({ prompt: 'hello' });
    await generation.result();
    const events = await collect(generation);
    expect(events.at(-1)?.type).toBe('done');
    expect(() => generation[Symbol.asyncIterator]()).toThrow(/can be read once/);
  });

  it('removes its listener from the signal however a generation ends', async () => {
    await using engine = await open({ parallel: 1, maxQueue: 1 });
    const { signal } = new AbortController();
    const ended = engine.generate({ prompt: 'ends' }, { signal });
    await ended.result();
    const stalled = engine.generate({ prompt: 'stall' }, { signal });
    await stalled.admitted;
    const queued = engine.generate({ prompt: 'queued' }, { signal });
    const refused = engine.generate({ prompt: 'refused' }, { signal });
    const invalid = engine.generate({ prompt: '' }, { signal });
    await expect(refused.result()).rejects.toMatchObject({ code: 'queue-full' });
    await expect(invalid.result()).rejects.toMatchObject({ code: 'invalid-request' });
    await stalled.cancel();
    await queued.result();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('cancels a generation at once when its signal has already aborted', async () => {
    await using engine = await open();
    const generation = engine.generate({ prompt: 'stall' }, { signal: AbortSignal.abort() });
    await expect(generation.result()).resolves.toMatchObject({ finishReason: 'cancelled', text: '' });
  });

  it('ends a generation with the error code that cancel() names', async () => {
    await using engine = await open();
    const generation = engine.generate({ prompt: 'stall', id: 'left' });
    await generation.admitted;
    engine.cancel('left', 'abandoned');
    await expect(generation.result()).rejects.toMatchObject({ code: 'abandoned' });
  });

  it.each([
    [{ parallel: 0 }, /^parallel: 0 is not a whole number from 1 to 64/],
    [{ maxQueue: -1 }, /^maxQueue:/],
    [{ queueTimeoutMs: 0 }, /^queueTimeoutMs:/],
    [{ itlBudgetMs: 0.5 }, /^itlBudgetMs:/],
    [{ contextSize: 1.5 }, /^contextSize:/],
    [{ backend: [scripted(), scripted()] as const }, /two models have the id "scripted"/],
  ])('refuses the options %j', async (options, message) => {
    await expect(open(options)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(message),
    });
  });

  it('merges unread events so that 20,000 tokens wait in fewer than 1,100 events', async () => {
    const clock = createVirtualClock({ auto: true });
    await using engine = await createEngine({
      backend: scripted({ clock, contextSize: 40_000, script: { reply: 'a b c d e f g h' } }),
      clock,
    });
    const generation = engine.generate({ prompt: 'x', ignoreEos: true, maxTokens: 20_000 });
    const { text } = await generation.result();
    const events = await collect(generation);
    expect(events.length).toBeLessThan(1100);
    expect(textOf(events)).toBe(text);
  });
});
