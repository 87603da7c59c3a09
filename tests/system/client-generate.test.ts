import { createClient, type GenerationEvent } from '@headway/client';
import { HeadwayError } from '@headway/protocol';
import { collect, sampleDone, sampleError, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { TRPCError } from '@trpc/server';
import { describe, expect, test } from 'vitest';

import { startPuppetGateway } from './puppet-gateway.ts';

describe('a generation', () => {
  test('yields the gateway’s events unchanged, and has a result', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi', id: 'mine', temperature: 0 });
    const puppet = await gateway.generations.take();
    const events = [
      samplePrefill({ id: 'mine' }),
      samplePrefill({ seq: 1, processed: 10 }),
      sampleToken({ seq: 2, text: 'Hé' }),
      sampleToken({ seq: 3, text: 'llo', completionTokens: 2 }),
      sampleDone({ seq: 4, id: 'mine' }),
    ];
    puppet.send(...events);
    puppet.end();
    expect(await collect(generation)).toEqual(events);
    expect(puppet.request).toMatchObject({ id: 'mine', prompt: 'hi', temperature: 0 });
    expect(generation.id).toBe('mine');
    await generation.admitted;
    expect(await generation.text()).toBe('Héllo');
    expect(await generation.result()).toMatchObject({ id: 'mine', text: 'Héllo', finishReason: 'stop' });
  });

  test('starts before its events are read, and has an id before the gateway answers', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    expect(generation.id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(puppet.request.id).toBe(generation.id);
    puppet.send(sampleToken({ text: 'late' }), sampleDone());
    puppet.end();
    expect(await generation.text()).toBe('late');
    expect((await collect(generation)).map(({ type }) => type)).toEqual(['token', 'done']);
  });

  test('can be iterated once', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(sampleDone());
    puppet.end();
    await collect(generation);
    expect(() => generation[Symbol.asyncIterator]()).toThrow(/once/);
  });

  test('collects several choices', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi', choices: 2 });
    const puppet = await gateway.generations.take();
    puppet.send(
      samplePrefill({ processed: 10 }),
      sampleToken({ seq: 1, index: 1, text: 'one' }),
      sampleToken({ seq: 2, index: 0, text: 'zero' }),
      sampleDone({ seq: 3, index: 1, remaining: 1 }),
      sampleDone({ seq: 4, index: 0 }),
    );
    puppet.end();
    const { choices } = await generation.result();
    expect(choices.map(({ text }) => text)).toEqual(['zero', 'one']);
  });

  test('ignores event types and fields from a newer gateway', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    const unknown = { type: 'weather', seq: 0, index: 0 } as unknown as GenerationEvent;
    const richer = { ...sampleToken(), mood: 'good' };
    puppet.send(unknown, richer, sampleDone());
    puppet.end();
    expect(await collect(generation)).toEqual([richer, sampleDone()]);
  });

  test('shares one socket with many others, with one frame a request', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    // In one frame these requests would exceed the gateway's limit.
    const prompt = 'x'.repeat(200_000);
    const generations = Array.from({ length: 50 }, (_, at) => client.generate({ prompt, id: `g${at}` }));
    const puppets = await Promise.all(generations.map(() => gateway.generations.take()));
    expect(gateway.sockets).toBe(1);
    for (let round = 0; round < 5; round++) {
      for (const puppet of puppets) puppet.send(sampleToken({ seq: round, text: `${puppet.request.id}.` }));
    }
    for (const puppet of puppets) {
      puppet.send(sampleDone({ seq: 5 }));
      puppet.end();
    }
    const texts = await Promise.all(generations.map((generation) => generation.text()));
    expect(texts).toEqual(generations.map(({ id }) => `${id}.`.repeat(5)));
    expect(gateway.frames.filter((frame) => frame.includes('"generate"'))).toHaveLength(50);
    expect(gateway.upgrades).toEqual(['/trpc']);
  });
});

describe('a refusal', () => {
  test('yields an error event with its code and message, and rejects `admitted` and `result()`', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi', id: 'mine' });
    const puppet = await gateway.generations.take();
    const cause = new HeadwayError('queue-full', 'all 64 places are taken; try again later');
    puppet.fail(new TRPCError({ code: 'TOO_MANY_REQUESTS', message: cause.message, cause }));
    const refusal = { code: 'queue-full', message: cause.message, retryable: true };
    expect(await collect(generation)).toMatchObject([
      { type: 'error', id: 'mine', seq: 0, index: 0, remaining: 0, ...refusal },
    ]);
    await expect(generation.admitted).rejects.toMatchObject({ name: 'HeadwayError', ...refusal });
    await expect(generation.result()).rejects.toMatchObject(refusal);
  });

  test('without a Headway code gets its code from tRPC’s', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const [refused] = await collect(client.generate({ prompt: '' }));
    expect(refused).toMatchObject({ type: 'error', code: 'invalid-request', retryable: false });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).fail(new Error('oops'));
    expect(await collect(generation)).toMatchObject([{ type: 'error', code: 'internal', message: 'oops' }]);
    await expect(client.status()).rejects.toMatchObject({ code: 'unauthorized', message: 'no key' });
  });

  test('comes from the client when a request is too large, or cannot be JSON', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const [input, message] of [
      [{ prompt: 'é'.repeat(2_200_000) }, /4400013 bytes, and a gateway accepts 4194304/],
      [{ prompt: 'hi', responseFormat: { type: 'json', schema: circular } }, /circular/i],
      ['hi', /must be an object/],
      [undefined, /must be an object/],
    ] as const) {
      // @ts-expect-error not allowed by the types
      const [event] = await collect(client.generate(input));
      expect(event).toMatchObject({ type: 'error', code: 'invalid-request', message: expect.stringMatching(message) });
    }
    expect(gateway.upgrades).toEqual([]);
  });

  test('after the first event yields one error event', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(samplePrefill(), sampleError({ code: 'engine-crashed', retryable: true }));
    puppet.end();
    expect((await collect(generation)).at(-1)).toMatchObject({ type: 'error', code: 'engine-crashed' });
    await generation.admitted;
    await expect(generation.result()).rejects.toMatchObject({ code: 'engine-crashed', retryable: true });
  });
});

test('models() and status() use the same socket', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: `${gateway.url}//` });
  expect(client.url).toBe(gateway.url);
  expect(await client.models()).toEqual([]);
  await expect(client.status()).rejects.toThrow();
  expect(gateway.upgrades).toEqual(['/trpc']);
});

test('the client sends its key in the first frame, not in the URL', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url, apiKey: 'secret' });
  await client.models();
  expect(gateway.upgrades).toEqual(['/trpc?connectionParams=1']);
  expect(JSON.parse(gateway.frames[0] ?? '')).toEqual({ method: 'connectionParams', data: { apiKey: 'secret' } });
});
