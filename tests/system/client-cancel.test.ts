import { getEventListeners } from 'node:events';

import { createClient, type GenerationEvent } from '@headway/client';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

import { startPuppetGateway } from './puppet-gateway.ts';

const cancelled = sampleDone({ finishReason: 'cancelled', seq: 5 });

describe('cancelling a generation', () => {
  test('with cancel() ends the stream with the gateway’s `cancelled`', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(samplePrefill(), sampleToken({ text: 'so far' }));
    await generation.admitted;
    const stopped = Promise.all([generation.cancel(), generation.cancel()]);
    const cancel = await gateway.cancels.take();
    expect(cancel.id).toBe(generation.id);
    cancel.answer(true);
    puppet.send(cancelled);
    puppet.end();
    await stopped;
    expect(await generation.result()).toMatchObject({
      finishReason: 'cancelled',
      text: 'so far',
      usage: cancelled.usage,
      timings: cancelled.timings,
    });
    await generation.cancel();
    expect(gateway.cancels.size).toBe(0);
  });

  test('happens when the loop breaks, and result() has the outcome', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(samplePrefill(), sampleToken({ text: 'enough' }), sampleToken({ text: ' already' }));
    for await (const event of generation) if (event.type === 'token') break;
    (await gateway.cancels.take()).answer(true);
    puppet.send(cancelled);
    puppet.end();
    expect(await generation.result()).toMatchObject({ finishReason: 'cancelled', usage: cancelled.usage });
  });

  test('happens when the loop throws', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).send(sampleToken());
    const loop = async () => {
      for await (const _event of generation) throw new Error('mine');
    };
    await expect(loop()).rejects.toThrow('mine');
    expect((await gateway.cancels.take()).id).toBe(generation.id);
  });

  test('happens when the signal aborts, and removes the listener from the signal', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const controller = new AbortController();
    const generation = client.generate({ prompt: 'hi' }, { signal: controller.signal });
    const puppet = await gateway.generations.take();
    puppet.send(sampleToken());
    await generation.admitted;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    (await gateway.cancels.take()).answer(true);
    puppet.send(cancelled);
    puppet.end();
    expect(await generation.result()).toMatchObject({ finishReason: 'cancelled' });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('before it is sent means that the engine never gets it', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const aborted = client.generate({ prompt: 'hi', choices: 2 }, { signal: AbortSignal.abort() });
    expect(gateway.upgrades).toEqual([]);
    const connecting = client.generate({ prompt: 'hi' });
    await connecting.cancel();
    for (const [generation, choices] of [
      [aborted, 2],
      [connecting, 1],
    ] as const) {
      const events: GenerationEvent[] = [];
      for await (const event of generation) events.push(event);
      expect(events.map(({ type, index }) => ({ type, index }))).toEqual(
        Array.from({ length: choices }, (_, index) => ({ type: 'done', index })),
      );
      const result = await generation.result();
      expect(result.choices).toHaveLength(choices);
      expect(result).toMatchObject({ finishReason: 'cancelled', text: '', usage: { promptTokens: 0 } });
    }
    await client.models();
    expect(gateway.generations.size).toBe(0);
    expect(gateway.frames.filter((frame) => frame.includes('"generate"'))).toEqual([]);
  });

  test('before the gateway has accepted it stops the subscription', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    const stopping = generation.cancel();
    (await gateway.cancels.take()).answer(false);
    await stopping;
    await puppet.stopped;
    expect(await generation.result()).toMatchObject({ finishReason: 'cancelled' });
  });

  test('that has ended meanwhile waits for its end', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(sampleToken());
    await generation.admitted;
    const stopping = generation.cancel();
    (await gateway.cancels.take()).answer(false);
    puppet.send(sampleDone());
    puppet.end();
    await stopping;
    expect(await generation.result()).toMatchObject({ finishReason: 'stop' });
  });

  test('resolves with connection-lost when the gateway does not come back', async () => {
    const gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url, reconnectTimeoutMs: 50 });
    const generation = client.generate({ prompt: 'hi' });
    (await gateway.generations.take()).send(sampleToken());
    await generation.admitted;
    const stopping = generation.cancel();
    await gateway.cancels.take();
    await gateway[Symbol.asyncDispose]();
    await stopping;
    await expect(generation.result()).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('that the gateway refuses ends the generation with the gateway’s error', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const generation = client.generate({ prompt: 'hi' });
    const puppet = await gateway.generations.take();
    puppet.send(sampleToken());
    await generation.admitted;
    const stopping = generation.cancel();
    (await gateway.cancels.take()).fail(new Error('cannot cancel'));
    await stopping;
    await puppet.stopped;
    await expect(generation.result()).rejects.toMatchObject({ code: 'internal', message: 'cannot cancel' });
  });

  test('by its id reports whether it existed', async () => {
    await using gateway = await startPuppetGateway();
    await using client = createClient({ url: gateway.url });
    const answers = Promise.all([client.cancel('there'), client.cancel('gone')]);
    for (let n = 0; n < 2; n++) {
      const { id, answer } = await gateway.cancels.take();
      answer(id === 'there');
    }
    expect(await answers).toEqual([true, false]);
  });
});

test('`await using` cancels a generation', async () => {
  await using gateway = await startPuppetGateway();
  await using client = createClient({ url: gateway.url });
  const use = async () => {
    await using generation = client.generate({ prompt: 'hi' });
    await generation.admitted;
  };
  const used = use();
  const puppet = await gateway.generations.take();
  puppet.send(sampleToken());
  const { id, answer } = await gateway.cancels.take();
  expect(id).toBe(puppet.request.id);
  answer(true);
  puppet.send(cancelled);
  puppet.end();
  await used;
});
