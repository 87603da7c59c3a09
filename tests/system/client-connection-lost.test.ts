import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { createClient, type Generation, type GenerationEvent } from '@headway/client';
import { HeadwayError } from '@headway/protocol';
import { collect, sampleDone, sampleError, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { TRPCError } from '@trpc/server';
import { describe, expect, test } from 'vitest';

import { startPuppetGateway } from './puppet-gateway.ts';

/** Reads two events, calls `lose`, then reads the rest. */
async function readAcross(generation: Generation, lose: () => unknown): Promise<GenerationEvent[]> {
  const seen: GenerationEvent[] = [];
  for await (const event of generation) {
    seen.push(event);
    if (seen.length === 2) await lose();
  }
  return seen;
}

/** The first two events, and the error that follows them. */
const endedAfterTwo = (error: object = {}) => [
  { type: 'prefill' },
  { type: 'token' },
  {
    type: 'error',
    code: 'connection-lost',
    retryable: true,
    seq: 2,
    usage: { promptTokens: 10, cachedTokens: 3, completionTokens: 1 },
    remaining: 0,
    ...error,
  },
];

const firstTwo = [samplePrefill({ cached: 3, processed: 10 }), sampleToken()] as const;

describe('a stream ends with one error event when', () => {
  test('the gateway ends the stream without a terminal event', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(...firstTwo);
    expect(await readAcross(generation, () => puppet.end())).toMatchObject(endedAfterTwo());
    await expect(generation.result()).rejects.toMatchObject({ code: 'connection-lost', retryable: true });
  });

  test('the gateway has forgotten the generation when the client reconnects', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).send(...firstTwo);
    const reading = readAcross(generation, () => gateway.dropSockets());
    const cause = new HeadwayError('generation-not-found', 'no such generation');
    (await gateway.generations.take()).fail(new TRPCError({ code: 'NOT_FOUND', message: cause.message, cause }));
    const events = await reading;
    expect(events).toMatchObject(endedAfterTwo({ code: 'generation-not-found' }));
    expect(events.at(-1)).toHaveProperty('message', expect.stringMatching(/no longer has.*grace time/));
  });

  test('the gateway has abandoned the generation meanwhile', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).send(...firstTwo);
    const reading = readAcross(generation, () => gateway.dropSockets());
    const again = await gateway.generations.take();
    again.send(sampleError({ id: generation.id, seq: 9, code: 'abandoned' }));
    again.end();
    expect((await reading).at(-1)).toMatchObject({ type: 'error', code: 'abandoned', seq: 9 });
  });

  test('the client cannot reconnect within reconnectTimeoutMs', async () => {
    const gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url, reconnectTimeoutMs: 100 });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).send(...firstTwo);
    const events = await readAcross(generation, () => gateway[Symbol.asyncDispose]());
    expect(events).toMatchObject(endedAfterTwo());
    expect(events.at(-1)).toMatchObject({
      id: generation.id,
      message: expect.stringMatching(/was lost and could not be opened again \(.*ECONNREFUSED.*, tried for 0\.1 s\)/),
    });
    expect(client.connection.getState()).toEqual({ phase: 'idle', transport: null });
  });

  test('new sockets stay silent for reconnectTimeoutMs', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url, reconnectTimeoutMs: 100 });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).send(...firstTwo);
    gateway.hangUpAtOnce();
    const events = await readAcross(generation, () => gateway.dropSockets());
    expect(events).toMatchObject(endedAfterTwo());
    expect(gateway.generations.size).toBe(0);
  });

  test('the client is closed', async () => {
    await using gateway = await startPuppetGateway();
    const client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(...firstTwo);
    const events = await readAcross(generation, () => client.close());
    expect(events).toMatchObject(endedAfterTwo({ retryable: false }));
    await puppet.stopped;
    await gateway.closedSockets.take();
  });
});

test('a lost connection ends each open choice once', async () => {
  await using gateway = await startPuppetGateway();
  const client = createClient({ url: gateway.url });
  const generation = client.generate({ prompt: 'hi', choices: 3 });
  const puppet = await gateway.generations.take();
  puppet.send(
    samplePrefill({ processed: 10 }),
    sampleToken({ index: 2, completionTokens: 7, seq: 8 }),
    sampleDone({ index: 1, seq: 9, remaining: 2 }),
  );
  const seen: GenerationEvent[] = [];
  for await (const event of generation) {
    seen.push(event);
    if (event.type === 'done') void client.close();
  }
  expect(seen.slice(3)).toMatchObject([
    { type: 'error', code: 'connection-lost', index: 0, seq: 10, remaining: 1, usage: { completionTokens: 0 } },
    { type: 'error', code: 'connection-lost', index: 2, seq: 11, remaining: 0, usage: { completionTokens: 7 } },
  ]);
});

test('the client reaches a gateway that starts within connectTimeoutMs', async () => {
  const taken = await startPuppetGateway();
  const { port, url } = taken;
  await taken[Symbol.asyncDispose]();
  await using client = createClient({ url });
  const models = client.models();
  await using _gateway = await startPuppetGateway({ port });
  expect(await models).toEqual([]);
});

describe('a gateway that cannot be reached within connectTimeoutMs', () => {
  test('because nothing listens is connection-lost, with a message', async () => {
    const gone = await startPuppetGateway();
    await gone[Symbol.asyncDispose]();
    await using client = createClient({ url: gone.url, connectTimeoutMs: 50 });
    const [event, ...others] = await collect(client.generate({ prompt: 'hi' }));
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: 'error', code: 'connection-lost', retryable: true });
    expect(event).toHaveProperty(
      'message',
      expect.stringMatching(/no Headway gateway answers at \S+ \(.*ECONNREFUSED.*, tried for 0\.05 s\); start one/),
    );
    await expect(client.models()).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('because it never answers is connection-lost, and its socket is closed', async () => {
    const accepted: Promise<unknown>[] = [];
    const silent = createServer((socket) => {
      accepted.push(once(socket.resume(), 'close'));
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await using client = createClient({ url: `http://127.0.0.1:${port}`, connectTimeoutMs: 50 });
    await expect(client.models()).rejects.toMatchObject({ code: 'connection-lost' });
    expect(accepted).toHaveLength(1);
    await Promise.all(accepted);
    silent.close();
    await once(silent, 'close');
  });

  test.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'connection-lost'],
  ])('is not retried when it answers the upgrade with %i', async (status, code) => {
    await using gateway = await startPuppetGateway();
    gateway.refuseAll(status);
    await using client = createClient({ url: gateway.url });
    expect(await collect(client.generate({ prompt: 'hi' }))).toMatchObject([{ type: 'error', code, retryable: false }]);
    expect(gateway.upgrades).toHaveLength(1);
  });
});

test('closing a client ends its connecting generation at once', async () => {
  const silent = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
  const connected = once(silent, 'connection');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const client = createClient({ url: `http://127.0.0.1:${port}`, connectTimeoutMs: 60_000 });
  const generation = client.generate({ prompt: 'hi' });
  await connected;
  await client.close();
  expect(await collect(generation)).toMatchObject([{ type: 'error', code: 'connection-lost' }]);
  silent.close();
  await once(silent, 'close');
});

test('a closed client refuses new calls', async () => {
  await using gateway = await startPuppetGateway();
  const client = createClient({ url: gateway.url });
  await client.close();
  await client.close();
  const refusal = { code: 'connection-lost', retryable: false, message: expect.stringMatching(/client is closed/) };
  expect(await collect(client.generate({ prompt: 'hi' }))).toMatchObject([{ type: 'error', ...refusal }]);
  await expect(client.models()).rejects.toMatchObject(refusal);
  await expect(client.cancel('x')).rejects.toMatchObject(refusal);
  expect(gateway.upgrades).toEqual([]);
});
