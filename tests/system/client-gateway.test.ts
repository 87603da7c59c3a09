import { createClient, type GenerationEvent, type HeadwayClient } from '@headway/client';
import { createEngine, createVirtualClock, scripted, type ScriptedOptions } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { estimate, modelInfo, status } from '@headway/protocol';
import { collect } from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

import { startCutProxy } from './cut-proxy.ts';

/** Stalls after three tokens. */
const stalling = { fault: { phase: 'decode', afterTokens: 3, does: 'stall' } } as const;

interface SetUp extends ScriptedOptions {
  graceMs?: number;
  parallel?: number;
  maxQueue?: number;
}

/** A real gateway with the scripted backend, and a client of it. Its clock advances without waiting. */
async function setUp({ parallel = 4, maxQueue = 64, graceMs, ...options }: SetUp = {}) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, ...options }), parallel, maxQueue, clock });
  const gateway = await startGateway({ engine, port: 0, graceMs });
  const client = createClient({ url: gateway.url });
  return {
    gateway,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await gateway.close();
      await engine.close();
    },
  };
}

const words = (count: number) => Array.from({ length: count }, (_, at) => `w${at}`).join(' ');

/** A generation that does not end by itself. */
const endless = (prompt = words(100)) => ({ prompt, ignoreEos: true });

/** Waits until no slot is busy and the queue is empty. */
async function idle(client: HeadwayClient): Promise<void> {
  for (;;) {
    const { slots, queued } = await client.status();
    if (slots.busy === 0 && queued === 0) return;
  }
}

test('a generation yields all its events: prefill, tokens, done', async () => {
  await using use = await setUp({ script: { reply: 'Grüße aus der Ferne 🎉 .' } });
  const generation = use.client.generate({ prompt: words(1000) });
  const events = await collect(generation);
  const prefill = events.filter((event) => event.type === 'prefill' && event.phase === 'prefill');
  expect(prefill.length).toBeGreaterThanOrEqual(10);
  expect(prefill[0]).toMatchObject({ processed: 0, total: 1000 });
  expect(prefill.at(-1)).toMatchObject({ processed: 1000, total: 1000 });
  expect(events.map(({ type }) => type).join(' ')).toMatch(/^(prefill )+(token )+done$/);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at));
  expect(events[0]).toMatchObject({ id: generation.id });
  expect(events.at(-1)).toMatchObject({ id: generation.id, usage: { promptTokens: 1000, completionTokens: 6 } });
  expect(await generation.text()).toBe('Grüße aus der Ferne 🎉 .');
});

test('fifty generations at once through one gateway each get their own prompt and answer only', async () => {
  await using use = await setUp({
    parallel: 8,
    script: ({ prompt }) => ({ reply: `answer to ${prompt?.split(' ').length}` }),
  });
  const sizes = Array.from({ length: 50 }, (_, at) => 10 + at * 7);
  const all = sizes.map(async (size) => {
    const generation = use.client.generate({ prompt: words(size) });
    const events = await collect(generation);
    return { size, events, text: await generation.text() };
  });
  for (const { size, events, text } of await Promise.all(all)) {
    const totals = new Set(events.flatMap((event) => (event.type === 'prefill' ? [event.total] : [])));
    expect([...totals]).toEqual([size]);
    expect(text).toBe(`answer to ${size}`);
    expect(events.filter(({ type }) => type === 'done' || type === 'error')).toHaveLength(1);
  }
});

test('estimate() returns tokens, cached tokens and TTFT, and starts nothing', async () => {
  await using use = await setUp({ script: { prefillTokensPerSecond: 1000 } });
  await use.client.generate({ prompt: words(1500) }).result();
  const longer = { prompt: words(3000) };
  const estimated = estimate.parse(await use.client.estimate(longer));
  expect(estimated).toMatchObject({ model: 'scripted', tokens: 3000, cached: 1500, queuePosition: null });
  expect(await use.client.status()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  const { usage, timings } = await use.client.generate(longer).result();
  expect(usage).toMatchObject({ promptTokens: estimated.tokens, cachedTokens: estimated.cached });
  expect(Math.abs((estimated.timeToFirstTokenMs ?? 0) / (timings.timeToFirstTokenMs ?? 0) - 1)).toBeLessThan(0.1);
  await expect(use.client.estimate({ prompt: words(40_000) })).rejects.toMatchObject({ code: 'context-overflow' });
  await expect(use.client.estimate({ prompt: 'x', model: 'nope' })).rejects.toMatchObject({ code: 'model-not-found' });
});

test('subscribe() gets the same events, and unsubscribe() frees the slot', async () => {
  await using use = await setUp();
  const seen: string[] = [];
  const text = await new Promise<string>((resolve, reject) => {
    use.client.generate.subscribe(
      { prompt: words(100) },
      {
        onPrefill: ({ phase }) => seen.push(phase),
        onToken: ({ type }) => seen.push(type),
        onDone: ({ text }) => resolve(text),
        onError: ({ message }) => reject(new Error(message)),
      },
    );
  });
  expect(seen.join(' ')).toMatch(/^(queued )*(prefill )+(token )+token$/);
  expect(text).not.toBe('');

  await new Promise<void>((resolve) => {
    const subscription = use.client.generate.subscribe(endless(), {
      onToken: () => {
        subscription.unsubscribe();
        resolve();
      },
    });
  });
  await idle(use.client);
});

describe('a slot becomes free', () => {
  test('when the loop breaks, during prefill or decode', async () => {
    await using use = await setUp({ parallel: 1 });
    for (const leaveAt of ['prefill', 'token'] as const) {
      const generation = use.client.generate(endless(words(2000)));
      for await (const event of generation) if (event.type === leaveAt) break;
      const { finishReason, usage } = await generation.result();
      expect(finishReason).toBe('cancelled');
      expect(usage.promptTotal).toBe(2000);
      expect(usage.promptTokens === 2000).toBe(leaveAt === 'token');
      await idle(use.client);
    }
  });

  test('when the generation is cancelled at once, by cancel(), its signal or its id', async () => {
    await using use = await setUp({ parallel: 1 });
    await use.client.models();
    const controller = new AbortController();
    const byItself = use.client.generate(endless());
    const bySignal = use.client.generate(endless(), { signal: controller.signal });
    const byId = use.client.generate(endless());
    controller.abort();
    await byItself.cancel();
    await byId.admitted;
    expect(await use.client.cancel(byId.id)).toBe(true);
    for (const generation of [byItself, bySignal, byId]) {
      expect(await generation.result()).toMatchObject({ finishReason: 'cancelled' });
    }
    expect(await use.client.cancel(byId.id)).toBe(false);
    await idle(use.client);
  });

  test('when the client closes', async () => {
    await using use = await setUp({ script: stalling });
    const client = createClient({ url: use.gateway.url });
    const events: GenerationEvent[] = [];
    for await (const event of client.generate({ prompt: 'x' })) {
      events.push(event);
      if (event.type === 'token' && event.completionTokens === 3) void client.close();
    }
    expect(events.filter(({ type }) => type === 'token')).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'connection-lost', retryable: false });
    await idle(use.client);
  });

  test('when its connection is lost for longer than the grace time', async () => {
    await using use = await setUp({ script: stalling, graceMs: 50 });
    const proxy = await startCutProxy(use.gateway.url);
    await using client = createClient({ url: proxy.url, reconnectTimeoutMs: 50 });
    const events: GenerationEvent[] = [];
    for await (const event of client.generate({ prompt: 'x', id: 'mine' })) {
      events.push(event);
      if (event.type === 'token' && event.completionTokens === 3) await proxy[Symbol.asyncDispose]();
    }
    expect(events.filter(({ type }) => type === 'token')).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'connection-lost', retryable: true });
    await idle(use.client);
    await expect(use.client.watch('mine').result()).rejects.toMatchObject({ code: 'abandoned' });
  });
});

describe('a refusal keeps its code and message', () => {
  test.each([
    [{ prompt: '' }, 'invalid-request', /^prompt: is empty/],
    [{ prompt: 'x', temprature: 1 }, 'invalid-request', /^temprature: unknown field/],
    [{ prompt: 'x', model: 'other' }, 'model-not-found', /other/],
    [{ prompt: words(40_000) }, 'context-overflow', /40,?000|40000/],
    [{ prompt: 'x', lastEventId: 'g:5' }, 'invalid-request', /^lastEventId: /],
  ])('%#', async (input, code, message) => {
    await using use = await setUp();
    const generation = use.client.generate(input);
    const refusal = { code, message: expect.stringMatching(message), retryable: false };
    await expect(generation.admitted).rejects.toMatchObject(refusal);
    expect(await collect(generation)).toMatchObject([{ type: 'error', ...refusal }]);
  });

  test('of a full queue, or of an id in use', async () => {
    await using use = await setUp({
      parallel: 1,
      maxQueue: 0,
      script: { fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
    });
    const first = use.client.generate({ prompt: 'x', id: 'mine' });
    await first.admitted;
    const events = await collect(use.client.generate({ prompt: 'x' }));
    expect(events).toMatchObject([{ type: 'error', code: 'queue-full', retryable: true }]);
    expect(await collect(use.client.generate({ prompt: 'y', id: 'mine' }))).toMatchObject([
      { type: 'error', code: 'conflict' },
    ]);
    await first.cancel();
  });
});

test('cancelling a refused generation does not cancel the one that has its id', async () => {
  await using use = await setUp({ script: { fault: { phase: 'decode', afterTokens: 1, does: 'stall' } } });
  const first = use.client.generate({ prompt: 'x', id: 'mine' });
  await first.admitted;
  const second = use.client.generate({ prompt: 'y', id: 'mine' });
  await second.cancel();
  expect(await second.result()).toMatchObject({ finishReason: 'cancelled', text: '' });
  expect(await use.client.status()).toMatchObject({ slots: { busy: 1 } });
  await first.cancel();
  expect(await first.result()).toMatchObject({ finishReason: 'cancelled', usage: { promptTokens: 1 } });
});

test('a failure during decode, and a gateway that shuts down, end a generation with their code', async () => {
  await using use = await setUp({
    script: ({ prompt }) => ({
      fault: { phase: 'decode', afterTokens: 2, does: prompt === 'fail' ? 'fail' : 'stall' },
    }),
  });
  const failed = await collect(use.client.generate({ prompt: 'fail' }));
  expect(failed.at(-1)).toMatchObject({ type: 'error', code: 'internal', usage: { completionTokens: 2 } });
  const events: GenerationEvent[] = [];
  for await (const event of use.client.generate({ prompt: 'stall' })) {
    events.push(event);
    if (event.type === 'token' && event.completionTokens === 2) void use.gateway.close();
  }
  expect(events.at(-1)).toMatchObject({ type: 'error', code: 'shutting-down', retryable: true });
});

test('models() and status() match the schemas', async () => {
  await using use = await setUp({ modelId: 'mine' });
  const models = await use.client.models();
  expect(models.map((model) => modelInfo.parse(model).id)).toEqual(['mine']);
  expect(status.parse(await use.client.status())).toMatchObject({ protocol: 1, ready: true, models });
});
