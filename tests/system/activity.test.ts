import { createClient } from '@headway/client';
import { expect, test } from 'vitest';

import { endless, startGuarded } from './guarded-gateway.ts';
import { startServe } from './serve-process.ts';

test('activity names the requests of a key, and tells of the other key that slots are in use and requests wait', async () => {
  await using guarded = await startGuarded();
  await using mine = createClient({ url: guarded.url, apiKey: guarded.mine });
  await using theirs = createClient({ url: guarded.url, apiKey: guarded.theirs });
  const secret = (name: string) => ({ prompt: `${endless} ${name}`, id: `secret-${name}` });
  const others = [theirs.generate({ ...secret('two-slots'), choices: 2 }), theirs.generate(secret('third'))];
  await Promise.all(others.map((one) => one.admitted));
  const own = mine.generate({ prompt: endless, id: 'mine-runs' });
  await own.admitted;
  const waiting = theirs.generate(secret('waits'));
  await waiting.admitted;
  const queued = mine.generate({ prompt: `${endless} again`, id: 'mine-queued' });
  await queued.admitted;

  await expect.poll(async () => (await mine.activity()).generations.at(-1)?.completionTokens).toBe(1);
  const seen = await mine.activity();
  const [model] = seen.models;
  expect(model).toMatchObject({ id: 'scripted', state: 'ready', queued: 2 });
  expect(model?.slots.filter(({ busy }) => busy)).toHaveLength(4);
  expect(model?.slots.filter(({ generation }) => generation !== null)).toMatchObject([{ generation: 'mine-runs' }]);
  expect(seen.queue).toEqual([
    { generation: null, model: 'scripted', phase: 'queued', place: 1, waitedMs: expect.any(Number) },
    { generation: 'mine-queued', model: 'scripted', phase: 'queued', place: 2, waitedMs: expect.any(Number) },
  ]);
  expect(seen.generations).toMatchObject([
    { id: 'mine-queued', state: 'queued', queuePosition: 2, choices: 1 },
    { id: 'mine-runs', state: 'decode', processed: 1, total: 1, completionTokens: 1 },
  ]);
  expect(seen.connections).toEqual({ sockets: 2, viewers: 5 });
  // Neither an id nor a word of the other key's requests.
  expect(JSON.stringify(seen)).not.toMatch(/secret|two-slots|third|waits"/);

  const theirView = await theirs.activity();
  expect(theirView.queue.map(({ generation, place }) => [generation, place])).toEqual([
    ['secret-waits', 1],
    [null, 2],
  ]);
  expect(theirView.models[0]?.slots.filter(({ generation }) => generation === 'secret-two-slots')).toHaveLength(2);
  expect(JSON.stringify(theirView)).not.toMatch(/mine-/);

  await Promise.all([...others, own, waiting, queued].map((one) => one.cancel()));
  await expect.poll(async () => (await mine.activity()).models[0]?.slots.some(({ busy }) => busy)).toBe(false);
});

test('activity counts the cached tokens of a key in its slots alone, and needs a key', async () => {
  await using guarded = await startGuarded();
  await using mine = createClient({ url: guarded.url, apiKey: guarded.mine });
  await using theirs = createClient({ url: guarded.url, apiKey: guarded.theirs });
  await mine.generate({ prompt: 'a b c d e f g h' }).result();
  const held = async (client: typeof mine) =>
    (await client.activity()).models[0]?.slots.reduce((sum, { heldTokens }) => sum + (heldTokens ?? 0), 0);
  expect(await held(mine)).toBeGreaterThanOrEqual(8);
  expect(await held(theirs)).toBe(0);
  await mine.generate({ prompt: 'a b c d e f g h' }).result();
  expect((await mine.activity()).cache).toEqual({ promptTokens: 16, cachedTokens: 7 });
  const plain = await fetch(`${guarded.url}/trpc/activity`);
  expect(plain.status).toBe(401);
  const withKey = await fetch(`${guarded.url}/trpc/activity`, { headers: { authorization: `Bearer ${guarded.mine}` } });
  expect(await withKey.json()).toMatchObject({ result: { data: { generations: [], queue: [] } } });
});

test('activity of a served model in its own process tells its slots, memory and speed', async () => {
  await using serve = await startServe('--parallel', '2', '--ctx', '1024');
  await using client = createClient({ url: serve.url });
  const running = client.generate({ prompt: 'Once upon a time', id: 'running', maxTokens: 900, ignoreEos: true });
  await running.admitted;
  await expect
    .poll(async () => (await client.activity()).models[0]?.slots.filter(({ generation }) => generation === 'running'))
    .toMatchObject([{ busy: true, heldTokens: expect.any(Number) }]);
  const { models, generations } = await client.activity();
  expect(models).toMatchObject([{ id: 'storyteller', state: 'ready', contextSize: 1024, queued: 0 }]);
  expect(models[0]?.memoryBytes).toBeGreaterThan(1e6);
  expect(generations).toMatchObject([{ id: 'running', model: 'storyteller', choices: 1 }]);
  await expect
    .poll(async () => (await client.activity()).rates.decode.some((perSecond) => perSecond > 0), { timeout: 10_000 })
    .toBe(true);
  await running.cancel();
});
