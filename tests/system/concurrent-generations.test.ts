import { storytellerPath } from '@headway/storyteller';
import { createClient } from '@headway/client';
import { createEngine, llama, scripted, withProgress, type Engine, type ProgressSnapshot } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { type GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations } from '@headway/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const message = (words: number) => [{ role: 'user' as const, content: `${'read '.repeat(words)}What is prefill?` }];
const allTotals = (events: readonly GenerationEvent[]) =>
  new Set(events.flatMap((event) => (event.type === 'prefill' && event.total !== null ? [event.total] : [])));

describe('two generations of different sizes at once', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ backend: llama({ model: storytellerPath, gpu: false, threads: 1 }), parallel: 2 });
  });
  afterAll(async () => {
    await engine.close();
  });

  it('in one engine each report their own total to their hook, also after one has ended', async () => {
    const run = async (words: number) => {
      const snapshots: ProgressSnapshot[] = [];
      const result = await withProgress(
        (snapshot) => snapshots.push(snapshot),
        () => engine.generate({ messages: message(words), maxTokens: 30, temperature: 0 }).result(),
        { everyMs: 0, maxPerSecond: Number.POSITIVE_INFINITY },
      );
      return { snapshots, result, endedAt: performance.now() };
    };
    const [long, short] = await Promise.all([run(2500), run(200)]);
    expect(short.endedAt).toBeLessThan(long.endedAt);
    for (const { snapshots, result } of [long, short]) {
      expect(new Set(snapshots.map(({ prompt }) => prompt?.total))).toEqual(new Set([result.usage.promptTokens]));
      expect(snapshots.filter(({ isFinal }) => isFinal)).toEqual([snapshots.at(-1)]);
      expect(snapshots.at(-1)).toMatchObject({
        outcome: result.finishReason,
        completionTokens: result.usage.completionTokens,
      });
    }
    const afterShort = long.snapshots.filter(
      ({ prompt, completionTokens }) => completionTokens > 0 || (prompt?.processed ?? 0) > 1500,
    );
    expect(afterShort.length).toBeGreaterThan(5);
  });

  it('through one gateway and socket each report their own total, and their text is complete', async () => {
    await using gateway = await startGateway({ engine, port: 0 });
    await using client = createClient({ url: gateway.url });
    const generate = (words: number) =>
      collect(client.generate({ messages: message(words), maxTokens: 30, temperature: 0 }));
    const [long, short] = await Promise.all([generate(2400), generate(150)]);
    for (const events of [long, short]) {
      expect(invariantViolations(events, { merged: true })).toEqual([]);
      expect(allTotals(events).size).toBe(1);
      expect(events.at(-1)).toMatchObject({ type: 'done', remaining: 0 });
    }
    expect([...allTotals(long)][0]).toBeGreaterThan(2400);
    expect([...allTotals(short)][0]).toBeLessThan(300);
  });
});

it('50 interleaved generations through one gateway each get their own total, text and end', async () => {
  const backend = scripted({ script: { prefillTokensPerSecond: 20_000, decodeTokensPerSecond: 500 } });
  await using engine = await createEngine({ backend, parallel: 8 });
  await using gateway = await startGateway({ engine, port: 0 });
  await using client = createClient({ url: gateway.url });
  const runs = await Promise.all(
    Array.from({ length: 50 }, async (_, at) => {
      const total = 10 + at * 17;
      const prompt = `w${at} `.repeat(total).trim();
      const generation = client.generate({ prompt, seed: at });
      return { total, events: await collect(generation), text: await generation.text(), alone: { prompt, seed: at } };
    }),
  );
  for (const { total, events, text, alone } of runs) {
    expect(invariantViolations(events, { merged: true })).toEqual([]);
    expect(allTotals(events)).toEqual(new Set([total]));
    expect(text).toBe(await engine.generate(alone).text());
  }
  expect(runs.some(({ events }) => events[0]?.type === 'prefill' && events[0].phase === 'queued')).toBe(true);
  expect(await engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
});
