import {
  createClient,
  formatProgress,
  withProgress,
  type GenerationEvent,
  type ProgressSnapshot,
} from '@headway/client';
import { collect, invariantViolations } from '@headway/protocol/testing';
import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { expect, test } from 'vitest';

const words = (count: number) => Array.from({ length: count }, (_, at) => `w${at}`).join(' ');

test('a progress scope gets the generations of its own scope only, over one socket', async () => {
  const clock = createVirtualClock({ auto: true });
  await using engine = await createEngine({ backend: scripted({ clock }), clock });
  await using gateway = await startGateway({ engine, port: 0 });
  await using client = createClient({ url: gateway.url });

  const run = async (size: number) => {
    const seen: ProgressSnapshot[] = [];
    const hook = (snapshot: ProgressSnapshot) => void seen.push(snapshot);
    await withProgress(hook, async () => {
      await Promise.resolve();
      return client.generate({ prompt: words(size) }).text();
    });
    return { size, seen };
  };
  for (const { size, seen } of await Promise.all([run(100), run(1000), run(10)])) {
    expect(new Set(seen.flatMap(({ prompt }) => prompt?.total ?? []))).toEqual(new Set([size]));
    expect(seen.filter(({ isFinal }) => isFinal)).toHaveLength(1);
    expect(seen.at(-1)).toMatchObject({ isFinal: true, outcome: 'stop', prompt: { processed: size, total: size } });
  }
});

test('a hook, the loop and a late watcher learn which document is being read', async () => {
  const clock = createVirtualClock({ auto: true });
  await using engine = await createEngine({ backend: scripted({ clock }), clock });
  await using gateway = await startGateway({ engine, port: 0 });
  await using client = createClient({ url: gateway.url });
  const [first, second] = [words(900), words(600)];
  const prompt = `${first} ${second}`;
  const spans = [
    { name: 'a.txt', start: 0, end: first.length },
    { name: 'b.txt', start: first.length + 1, end: prompt.length },
  ];
  const lines: string[] = [];
  const progressOptions = { everyMs: 0, maxPerSecond: 1_000_000 };
  const progress = (snapshot: ProgressSnapshot) => void lines.push(formatProgress(snapshot));
  const generation = client.generate({ prompt, spans }, { progress, progressOptions });
  const events = await collect(generation);
  expect(invariantViolations(events, { merged: true })).toEqual([]);
  expect(lines.some((line) => line.startsWith('Reading a.txt, 1 of 2: '))).toBe(true);
  expect(lines.some((line) => line.startsWith('Reading b.txt, 2 of 2: '))).toBe(true);
  const ends = (all: readonly GenerationEvent[]) =>
    [1, 2].map((number) => {
      const last = all.findLast((event) => event.type === 'span' && event.number === number);
      return last?.type === 'span' && [last.name, last.processed, last.total];
    });
  expect(ends(events)).toEqual([
    ['a.txt', 900, 900],
    ['b.txt', 600, 600],
  ]);
  const late = await collect(client.watch(generation.id));
  expect(ends(late)).toEqual(ends(events));
  expect(late.filter(({ type }) => type === 'span')).toHaveLength(2);
});

test('a request that the client refuses calls the hook once, with its end', async () => {
  await using client = createClient({ url: 'http://127.0.0.1:1', connectTimeoutMs: 0 });
  const seen: ProgressSnapshot[] = [];
  const progress = (snapshot: ProgressSnapshot) => seen.push(snapshot);
  const input = { prompt: 'x'.repeat(5_000_000), maxTokens: 10, choices: 3 };
  await expect(client.generate(input, { progress }).result()).rejects.toThrow(/a gateway accepts 4194304/);
  expect(seen).toMatchObject([{ isFinal: true, outcome: 'invalid-request', maxTokens: 30 }]);
});

test('a request can name its hook, and one with an invalid hook is refused', async () => {
  await using client = createClient({ url: 'http://127.0.0.1:1', connectTimeoutMs: 0 });
  const outcomes: unknown[] = [];
  const progress = ({ outcome }: ProgressSnapshot) => void outcomes.push(outcome);
  await expect(client.generate({ prompt: 'x' }, { progress }).result()).rejects.toThrow(/no Headway gateway answers/);
  expect(outcomes.at(-1)).toBe('connection-lost');
  // @ts-expect-error an invalid target
  const refused = client.generate({ prompt: 'x' }, { progress: 5 });
  await expect(refused.result()).rejects.toMatchObject({
    code: 'invalid-request',
    message: expect.stringMatching(/^progress: /),
  });
});
