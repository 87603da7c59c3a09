import { createClient, type ConnectionState, type GenerationEvent } from '@headway/client';
import { HeadwayError } from '@headway/protocol';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { TRPCError } from '@trpc/server';
import { describe, expect, test } from 'vitest';

import { startPuppetGateway } from './puppet-gateway.ts';

/** The error of a gateway that cannot accept requests for the moment. */
function refusal(code: 'slow-consumer' | 'rate-limited' | 'unauthorized'): TRPCError {
  const cause = new HeadwayError(code, 'not now');
  return new TRPCError({ code: 'TOO_MANY_REQUESTS', message: cause.message, cause });
}

test('a stream whose socket drops resumes after its last event, without duplicates', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const generation = client.generate({ prompt: 'hi', temperature: 0 });
  const before = await gateway.generations.take();
  before.send(samplePrefill(), sampleToken({ seq: 4, text: 'half a ', count: 4, completionTokens: 4 }));
  const seen: GenerationEvent[] = [];
  for await (const event of generation) {
    seen.push(event);
    if (event.seq !== 4) continue;
    gateway.dropSockets();
    const after = await gateway.generations.take();
    expect(after.request).toEqual({ ...before.request, lastEventId: `${generation.id}:4` });
    after.send(
      sampleToken({ seq: 4, text: 'a ' }),
      sampleToken({ seq: 5, text: 'sentence', completionTokens: 5 }),
      sampleDone({ seq: 6, id: generation.id }),
    );
    after.end();
  }
  expect(seen.map(({ seq }) => seq)).toEqual([0, 4, 5, 6]);
  expect(await generation.text()).toBe('half a sentence');
  expect(gateway.upgrades).toHaveLength(2);
});

test('a stream survives any number of dropped sockets', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const generation = client.generate({ prompt: 'hi' });
  const reading = generation[Symbol.asyncIterator]();
  for (let seq = 0; seq < 20; seq++) {
    const puppet = await gateway.generations.take();
    expect(puppet.request.lastEventId).toBe(seq === 0 ? undefined : `${generation.id}:${seq - 1}`);
    puppet.send(sampleToken({ seq, text: `${seq} `, completionTokens: seq + 1 }));
    expect(await reading.next()).toMatchObject({ value: { seq } });
    gateway.dropSockets();
  }
  const puppet = await gateway.generations.take();
  puppet.send(sampleDone({ seq: 20 }));
  puppet.end();
  expect(await generation.text()).toBe(Array.from({ length: 20 }, (_, at) => `${at} `).join(''));
});

test('a request without an event yet is sent again unchanged', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const generation = client.generate({ prompt: 'hi', id: 'mine' });
  const before = await gateway.generations.take();
  gateway.dropSockets();
  const after = await gateway.generations.take();
  expect(after.request).toEqual(before.request);
  after.send(sampleToken({ text: 'once' }), sampleDone());
  after.end();
  expect(await generation.text()).toBe('once');
});

test('all streams of a dropped socket resume over one new socket', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const generations = ['1', '2', '3'].map((prompt) => client.generate({ prompt, id: `g${prompt}` }));
  for (const seq of [3, 4, 5]) (await gateway.generations.take()).send(sampleToken({ seq }));
  await Promise.all(generations.map(({ admitted }) => admitted));
  gateway.dropSockets();
  const again = [await gateway.generations.take(), await gateway.generations.take(), await gateway.generations.take()];
  expect(again.map(({ request }) => request.lastEventId)).toEqual(['g1:3', 'g2:4', 'g3:5']);
  for (const puppet of again) {
    puppet.send(sampleDone({ seq: 9 }));
    puppet.end();
  }
  expect(await Promise.all(generations.map((generation) => generation.text()))).toEqual(['a', 'a', 'a']);
  expect(gateway.upgrades).toHaveLength(2);
});

test('a query whose response was lost is sent again', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const cancelling = client.cancel('there');
  await gateway.cancels.take();
  gateway.dropSockets();
  const again = await gateway.cancels.take();
  expect(again.id).toBe('there');
  again.answer(true);
  expect(await cancelling).toBe(true);
});

test('streams resume after the gateway asks the client to reconnect', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const generation = client.generate({ prompt: 'hi' });
  const before = await gateway.generations.take();
  before.send(sampleToken({ text: 'be' }));
  await generation.admitted;
  gateway.askForReconnect();
  const after = await gateway.generations.take();
  expect(after.request).toMatchObject({ id: generation.id, lastEventId: `${generation.id}:1` });
  await before.stopped;
  await gateway.closedSockets.take();
  after.send(sampleToken({ text: 'fore', seq: 2 }), sampleDone({ seq: 3 }));
  after.end();
  expect(await generation.text()).toBe('before');
  expect(gateway.sockets).toBe(1);
});

describe('a temporary refusal of the gateway', () => {
  test('does not end a running stream, which the client resumes', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const first = await gateway.generations.take();
    first.send(sampleToken({ text: 'slow' }));
    await generation.admitted;
    first.fail(refusal('slow-consumer'));
    (await gateway.generations.take()).fail(refusal('rate-limited'));
    const third = await gateway.generations.take();
    expect(third.request.lastEventId).toBe(`${generation.id}:1`);
    third.send(sampleDone());
    third.end();
    expect(await generation.text()).toBe('slow');
    expect(gateway.upgrades).toHaveLength(1);
  });

  test('ends a running stream after reconnectTimeoutMs', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url, reconnectTimeoutMs: 0 });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(sampleToken());
    await generation.admitted;
    puppet.fail(refusal('rate-limited'));
    await expect(generation.result()).rejects.toMatchObject({ code: 'rate-limited' });
  });

  test('ends a request that was never accepted', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).fail(refusal('rate-limited'));
    await expect(generation.admitted).rejects.toMatchObject({ code: 'rate-limited' });
  });
});

test('a refused key ends the stream without another connection', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url, apiKey: 'wrong' });
  const generation = client.generate({ prompt: 'hi' });
  (await gateway.generations.take()).fail(refusal('unauthorized'));
  await expect(generation.result()).rejects.toMatchObject({ code: 'unauthorized', retryable: false });
  expect(gateway.upgrades).toEqual(['/trpc?connectionParams=1']);
  expect(gateway.frames.filter((frame) => frame.includes('connectionParams'))).toEqual([
    JSON.stringify({ method: 'connectionParams', data: { apiKey: 'wrong' } }),
  ]);
});

describe('cancelling while the connection is down', () => {
  test('reaches the gateway after the reconnect and ends the stream', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).send(sampleToken());
    await generation.admitted;
    gateway.dropSockets();
    const stopping = generation.cancel();
    const cancel = await gateway.cancels.take();
    const again = await gateway.generations.take();
    expect(cancel.id).toBe(generation.id);
    cancel.answer(true);
    again.send(sampleDone({ finishReason: 'cancelled' }));
    again.end();
    await stopping;
    expect(await generation.result()).toMatchObject({ finishReason: 'cancelled', text: 'a' });
  });

  test('does not send a request again that has no event yet', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    gateway.dropSockets();
    await puppet.stopped;
    await gateway.closedSockets.take();
    // A new socket shows that the client has noticed the drop.
    const stopping = generation.cancel();
    (await gateway.cancels.take()).answer(true);
    await stopping;
    expect(await generation.result()).toMatchObject({ finishReason: 'cancelled', text: '' });
    await client.models();
    expect(gateway.generations.size).toBe(0);
  });
});

describe('watching a generation', () => {
  test('yields its events from the first one, and resumes after a drop', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const watched = client.watch('theirs');
    const before = await gateway.watches.take();
    expect(before.request).toEqual({ id: 'theirs' });
    before.send(samplePrefill({ id: 'theirs' }), sampleToken({ text: 'so ' }));
    const reading = watched[Symbol.asyncIterator]();
    await reading.next();
    await reading.next();
    gateway.dropSockets();
    const after = await gateway.watches.take();
    expect(after.request).toEqual({ id: 'theirs', lastEventId: 'theirs:1' });
    after.send(sampleToken({ seq: 2, text: 'far' }), sampleDone({ seq: 3 }));
    after.end();
    expect(await watched.text()).toBe('so far');
  });

  test.each(['breaking the loop', 'cancel()', 'the signal'])(
    'ends by %s without cancelling the generation',
    async (how) => {
      await using gateway = await startPuppetGateway();
      await using client = createClient({ url: gateway.url });
      const controller = new AbortController();
      const watched = client.watch('theirs', { signal: controller.signal });
      const puppet = await gateway.watches.take();
      puppet.send(sampleToken({ text: 'seen' }));
      if (how === 'breaking the loop') for await (const _event of watched) break;
      await watched.admitted;
      if (how === 'cancel()') await watched.cancel();
      if (how === 'the signal') controller.abort();
      await puppet.stopped;
      await expect(watched.result()).rejects.toMatchObject({
        code: 'connection-lost',
        message: expect.stringMatching(/no longer watches the generation theirs/),
      });
      await client.models();
      expect(gateway.cancels.size).toBe(0);
    },
  );

  test('that does not exist yields one error', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const watched = client.watch('nowhere');
    const cause = new HeadwayError('generation-not-found', 'no generation nowhere');
    (await gateway.watches.take()).fail(new TRPCError({ code: 'NOT_FOUND', message: cause.message, cause }));
    await expect(watched.admitted).rejects.toMatchObject({ code: 'generation-not-found', message: cause.message });
  });
});

test('the client reports its connection state', async () => {
  await using gateway = await startPuppetGateway();
  const client = createClient({ url: gateway.url });
  const seen: ConnectionState[] = [client.connection.getState()];
  const unsubscribe = client.connection.subscribe(() => seen.push(client.connection.getState()));
  const generation = client.generate({ prompt: 'hi' });
  (await gateway.generations.take()).send(sampleToken());
  await generation.admitted;
  gateway.dropSockets();
  const again = await gateway.generations.take();
  again.send(sampleDone());
  again.end();
  await generation.result();
  await client.close();
  expect(seen.map(({ phase, transport }) => [phase, transport])).toEqual([
    ['idle', null],
    ['connecting', null],
    ['open', 'websocket'],
    ['reconnecting', null],
    ['open', 'websocket'],
    ['idle', null],
  ]);
  unsubscribe();
});
