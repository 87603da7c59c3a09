import type { GenerateInput, GenerationEvent, PrefillEvent } from '@headway/client';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { createEngine, remote } from '@headway/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openChain, upstreamKey } from './gateway-chain.ts';

type Chain = Awaited<ReturnType<typeof openChain>>;

const words = (count: number, seed: number) => Array.from({ length: count }, (_, at) => `w${seed}.${at}`).join(' ');
const prefills = (events: readonly GenerationEvent[]) =>
  events.flatMap((event): PrefillEvent[] => (event.type === 'prefill' && event.phase === 'prefill' ? [event] : []));
const isToken = (event: GenerationEvent) => event.type === 'token';
/** What must be the same at both gateways: not the id, the numbering and the times. */
const lasting = (event: GenerationEvent) => ({ ...event, id: '', seq: 0, timings: null });

/** Events up to the first one for which this holds; the stream stays open. */
async function upTo(events: AsyncIterator<GenerationEvent>, holds: (event: GenerationEvent) => boolean) {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error('the stream ended');
    if (holds(value)) return value;
  }
}

describe('a gateway in front of a gateway in another process', () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await openChain();
  });
  afterAll(async () => {
    await chain[Symbol.asyncDispose]();
  });

  /** The newest generation of the gateway behind, from its first event. */
  const behind = async () => {
    const [newest] = await chain.direct.generations();
    if (!newest) throw new Error('the gateway behind has run nothing');
    return newest;
  };
  const idle = () => expect.poll(async () => (await chain.direct.status()).slots.busy).toBe(0);

  test('recognises it, and reports what it reports', async () => {
    const [model] = await chain.client.models();
    expect(model).toMatchObject({ contextSize: 32_768, slots: 2, remote: { progress: 'reported', lacks: [] } });
    expect(model?.remote?.upstreams).toMatchObject([{ dialect: 'headway', state: 'up', running: 0 }]);
  });

  test('passes what it tells of spans', async () => {
    const [first, second] = [words(900, 31), words(400, 32)];
    const prompt = `${first} ${second}`;
    const spans = [
      { name: 'a.txt', start: 0, end: first.length },
      { name: 'b.txt', start: first.length + 1, end: prompt.length },
    ];
    expect((await chain.client.estimate({ prompt, spans })).spans).toEqual([
      { name: 'a.txt', tokens: 900, cached: 0 },
      { name: 'b.txt', tokens: 400, cached: 0 },
    ]);
    const events = await collect(chain.client.generate({ prompt, spans, maxTokens: 1 }));
    expect(invariantViolations(events, { merged: true })).toEqual([]);
    const told = events.flatMap((event) => (event.type === 'span' ? [event] : []));
    const last = [1, 2].map((number) => told.findLast((event) => event.number === number));
    expect(last).toMatchObject([
      { name: 'a.txt', of: 2, processed: 900, total: 900 },
      { name: 'b.txt', of: 2, processed: 400, total: 400 },
    ]);
    expect(told.some(({ estimated }) => estimated)).toBe(false);
    expect(told.some(({ processed, total }) => processed > 0 && processed < total)).toBe(true);
  });

  test.each<[string, GenerateInput]>([
    ['two choices with log-probabilities', { prompt: words(1500, 1), choices: 2, logprobs: 2, maxTokens: 20, seed: 5 }],
    ['a stop string', { prompt: words(300, 2), stop: ['a0.7'], temperature: 0 }],
    [
      'a schema that no grammar enforces in full',
      {
        messages: [{ role: 'user', content: words(100, 3) }],
        responseFormat: {
          type: 'json',
          schema: { type: 'object', properties: { tag: { type: 'string', not: { const: 'x' } } }, required: ['tag'] },
        },
      },
    ],
  ])('passes the events and the usage of %s', async (_what, input) => {
    const events = await collect(chain.client.generate(input));
    expect(invariantViolations(events, { merged: true })).toEqual([]);
    const theirs = await collect(chain.direct.watch((await behind()).id));
    const ends = (of: readonly GenerationEvent[]) => of.filter(({ type }) => type === 'done').map(lasting);
    expect(ends(events)).toEqual(ends(theirs));
    expect(ends(events).length).toBe(input.choices ?? 1);
    for (let index = 0; index < (input.choices ?? 1); index++) {
      const logprobs = (of: readonly GenerationEvent[]) =>
        of.flatMap((event) => (event.type === 'token' && event.index === index ? (event.logprobs ?? []) : []));
      expect(textOf(events, { index })).toBe(textOf(theirs, { index }));
      expect(logprobs(events)).toEqual(logprobs(theirs));
      expect(logprobs(events).length > 0).toBe(input.logprobs !== undefined);
    }
    const steps = (of: readonly GenerationEvent[]) => prefills(of).map(({ processed }) => processed);
    expect(steps(events).length).toBeGreaterThan(1);
    // Read afterwards, neighbouring events are merged.
    expect(steps(events)).toEqual(expect.arrayContaining(steps(theirs)));
    expect(prefills(events).every(({ estimated }) => !estimated)).toBe(true);
    const leftOut = (of: readonly GenerationEvent[]) => of.find((event) => 'leftOut' in event)?.type;
    expect(leftOut(events)).toBe(leftOut(theirs));
    expect(leftOut(events)).toBe(input.responseFormat && 'prefill');
  });

  test('shows the places in both queues, and a cancel leaves each', async () => {
    const occupiers = [1, 2].map((seed) =>
      chain.direct.generate({ prompt: 'x', seed, ignoreEos: true, maxTokens: 5000 }),
    );
    await Promise.all(occupiers.map((one) => upTo(one[Symbol.asyncIterator](), isToken)));
    const place = (one: AsyncIterator<GenerationEvent>) =>
      upTo(one, (event) => event.type === 'prefill' && event.phase === 'queued' && event.queuePosition !== null);
    const asked = [3, 4, 5].map((seed) => chain.client.generate({ prompt: words(50, seed), maxTokens: 3 }));
    const [first, second, third] = asked.map((one) => one[Symbol.asyncIterator]());
    if (!first || !second || !third) throw new Error('three were asked');
    // The first two wait behind, where others run; the third one waits here, as two is the most that may go there.
    const there = await Promise.all([place(first), place(second)]);
    expect(there.map((event) => event.type === 'prefill' && event.queuePosition)).toEqual([1, 2]);
    expect(await place(third)).toMatchObject({ queuePosition: 1 });
    expect(await chain.direct.status()).toMatchObject({ queued: 2 });
    expect(await chain.client.status()).toMatchObject({ queued: 1 });
    await asked[2]?.cancel();
    expect(await asked[2]?.result()).toMatchObject({ finishReason: 'cancelled' });
    await asked[1]?.cancel();
    expect(await asked[1]?.result()).toMatchObject({ finishReason: 'cancelled' });
    expect(await chain.direct.status()).toMatchObject({ queued: 1 });
    for (const one of occupiers) await one.cancel();
    expect(await asked[0]?.result()).toMatchObject({ finishReason: 'length', usage: { completionTokens: 3 } });
    await idle();
  });

  test.each(['prefill', 'decode'] as const)('a cancel in %s stops both within a chunk', async (phase) => {
    const generation = chain.client.generate({ prompt: words(phase === 'prefill' ? 20_000 : 20, 6), maxTokens: 300 });
    const events = await collect(generation, (event) => {
      const reading = event.type === 'prefill' && event.phase === 'prefill' && (event.processed ?? 0) > 500;
      if (phase === 'prefill' ? reading : isToken(event)) void generation.cancel();
    });
    const end = events.at(-1);
    expect(end).toMatchObject({ type: 'done', finishReason: 'cancelled' });
    // Its slot is free before the client is told.
    expect(await chain.direct.status()).toMatchObject({ slots: { busy: 0 } });
    const { outcome, processed, completionTokens } = await behind();
    expect(outcome).toBe('cancelled');
    const seen = end?.type === 'done' ? end.usage : null;
    expect((processed ?? 0) - (seen?.promptTokens ?? 0)).toBeLessThanOrEqual(512);
    expect(completionTokens - (seen?.completionTokens ?? 0)).toBeLessThanOrEqual(10);
    expect(completionTokens).toBeLessThan(300);
  });

  test('a dropped connection of the client is resumed without loss', async () => {
    const before = (await chain.direct.generations()).length;
    const generation = chain.client.generate({ prompt: words(2000, 7), maxTokens: 60, temperature: 0 });
    let cuts = 0;
    const events = await collect(generation, (event) => {
      const inPrefill = cuts === 0 && event.type === 'prefill' && (event.processed ?? 0) >= 500;
      const inDecode = cuts === 1 && event.type === 'token' && event.completionTokens >= 20;
      if (!inPrefill && !inDecode) return;
      cuts++;
      chain.proxy.cut();
    });
    expect(cuts).toBe(2);
    expect(invariantViolations(events, { merged: true })).toEqual([]);
    expect(textOf(events)).toBe(textOf(await collect(chain.direct.watch((await behind()).id))));
    expect(events.at(-1)).toMatchObject({ type: 'done', usage: { completionTokens: 60 } });
    expect((await chain.direct.generations()).length).toBe(before + 1);
  });

  test('a key that the gateway behind refuses is named to the operator as a key, without the key', async () => {
    const key = 'a-wrong-key';
    const opened = createEngine({ backend: remote({ upstreams: [{ url: chain.upstream.url, key }] }) });
    const error = (await opened.catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'model-load-failed', message: expect.stringMatching(/refused its key/) });
    expect(error.message).not.toContain(key);
  });

  test('a gateway behind that is killed ends each generation once, with what came so far; its key is never told', async () => {
    const read: GenerationEvent[] = [];
    const written: GenerationEvent[] = [];
    const ended = [
      collect(chain.client.generate({ prompt: words(20_000, 8) }), (event) => void read.push(event)),
      collect(chain.client.generate({ prompt: 'x', maxTokens: 400 }), (event) => void written.push(event)),
    ];
    const { interval, timeout } = { interval: 5, timeout: 10_000 };
    await expect.poll(() => prefills(read).at(-1)?.processed, { interval, timeout }).toBeGreaterThan(200);
    await expect.poll(() => written.filter(isToken).length, { interval, timeout }).toBeGreaterThan(10);
    await chain.upstream.kill();
    await Promise.all(ended);
    for (const events of [read, written]) {
      expect(invariantViolations(events, { merged: true })).toEqual([]);
      expect(events.at(-1)).toMatchObject({ type: 'error', code: 'upstream-failed', retryable: true, remaining: 0 });
    }
    expect(read.some(isToken)).toBe(false);
    expect(textOf(written).length).toBeGreaterThan(20);
    expect(await chain.client.status()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
    const bytes = Buffer.concat(chain.received).toString('latin1');
    expect(bytes).toContain('upstream-failed');
    expect(bytes).toContain(textOf(written).trim().split(' ')[0]);
    for (const secret of [upstreamKey, new URL(chain.upstream.url).host]) expect(bytes).not.toContain(secret);
  });
});
