import { createClient, type GenerationEvent } from '@headway/client';
import { collect, invariantViolations } from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

import { activeResources, leftOver } from './active-resources.ts';
import { startCutProxy } from './cut-proxy.ts';
import { endless, startGuarded } from './guarded-gateway.ts';

/** A gateway with keys behind a proxy that refuses WebSockets, and a client of it. */
async function setUp(options: { reply?: string; apiKey?: 'mine' | 'none' } = {}) {
  const guarded = await startGuarded(
    { graceMs: 60_000 },
    options.reply === undefined ? {} : { script: { reply: options.reply, decodeTokensPerSecond: 1000 } },
  );
  const proxy = await startCutProxy(guarded.url, { refuseUpgrades: true });
  const client = createClient({ url: proxy.url, ...(options.apiKey !== 'none' && { apiKey: guarded.mine }) });
  return {
    ...guarded,
    proxy,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await proxy[Symbol.asyncDispose]();
      await guarded[Symbol.asyncDispose]();
    },
  };
}

describe('where WebSockets are blocked, over HTTP,', () => {
  test('a generation yields all its events, and every call works', async () => {
    await using use = await setUp();
    const { client, proxy, mine } = use;
    const generation = client.generate({ prompt: 'Grüße 🎉', id: 'over-http' });
    const events = await collect(generation);
    expect(invariantViolations(events, { merged: true })).toEqual([]);
    expect(await generation.text()).toBe('one two three');
    expect(client.connection.getState()).toEqual({ phase: 'open', transport: 'http' });

    expect(await client.models()).toHaveLength(1);
    expect(await client.status()).toMatchObject({ ready: true });
    expect(await client.generations()).toMatchObject([{ id: 'over-http', state: 'ended' }]);
    expect(await client.estimate({ prompt: 'a b c' })).toMatchObject({ tokens: 3 });
    expect(await client.watch('over-http').text()).toBe('one two three');

    // The client tried two sockets, then changed to HTTP for good.
    expect(proxy.counts.refusedUpgrades).toBe(2);
    expect(proxy.requestLines.filter((line) => line.includes('generations HTTP'))).toEqual([
      'POST /v1/generations HTTP/1.1',
      'GET /trpc/generations HTTP/1.1',
    ]);
    expect(proxy.requestLines.filter((line) => line.includes(mine) || line.includes('Gr'))).toEqual([]);
  });

  test('a refusal is the same error as over a socket', async () => {
    await using use = await setUp();
    for (const [input, code, message] of [
      [{ prompt: '' }, 'invalid-request', /prompt: is empty/],
      [{ prompt: 'x', model: 'other' }, 'model-not-found', /other/],
      [{ prompt: 'w '.repeat(40_000) }, 'context-overflow', /40,?00/],
    ] as const) {
      const generation = use.client.generate(input);
      await expect(generation.admitted).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      await expect(generation.result()).rejects.toMatchObject({ code, retryable: false });
    }
    await expect(use.client.watch('nowhere').result()).rejects.toMatchObject({ code: 'generation-not-found' });
  });

  test('a missing key is reported once, without retries', async () => {
    await using use = await setUp({ apiKey: 'none' });
    await expect(use.client.generate({ prompt: 'x' }).result()).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(use.client.models()).rejects.toMatchObject({ code: 'unauthorized' });
    expect(use.proxy.requestLines.filter((line) => line.startsWith('POST /v1/generations'))).toHaveLength(1);
    expect(use.client.connection.getState()).toEqual({ phase: 'open', transport: 'http' });
  });

  test.each(['breaking the loop', 'cancel()', 'closing the client'])('%s cancels the generation', async (how) => {
    await using use = await setUp();
    const generation = use.client.generate({ prompt: endless });
    for await (const event of generation) {
      if (event.type !== 'token') continue;
      if (how === 'cancel()') void generation.cancel();
      else if (how === 'closing the client') void use.client.close();
      else break;
    }
    await expect.poll(async () => (await use.engine.activity()).slots.busy).toBe(0);
    await using other = createClient({ url: use.url, apiKey: use.mine });
    expect(await other.generations()).toMatchObject([{ id: generation.id, outcome: 'cancelled' }]);
  });

  test('breaking a watched loop does not cancel the generation', async () => {
    await using use = await setUp();
    await using owner = createClient({ url: use.url, apiKey: use.mine });
    const owned = owner.generate({ prompt: endless, id: 'owned' });
    await owned.admitted;
    for await (const event of use.client.watch('owned')) if (event.type === 'token') break;
    await use.client.close();
    expect(await owner.generations()).toMatchObject([{ id: 'owned', state: 'decode' }]);
    await owned.cancel();
  });

  test('a cut connection resumes, and the text is complete', async () => {
    const reply = Array.from({ length: 400 }, (_, at) => `wörd${at}`).join(' ');
    await using use = await setUp({ reply });
    const generation = use.client.generate({ prompt: 'x' });
    const events: GenerationEvent[] = [];
    for await (const event of generation) {
      events.push(event);
      if (events.length % 5 === 0 && events.length < 30) use.proxy.cut();
    }
    expect(invariantViolations(events, { merged: true })).toEqual([]);
    expect(await generation.text()).toBe(reply);
    expect(use.proxy.requestLines.some((line) => line.startsWith(`GET /v1/generations/${generation.id}/events`))).toBe(
      true,
    );
  });
});

test('a closed client that used HTTP leaves no socket and no timer', async () => {
  const before = activeResources();
  {
    await using use = await setUp();
    await use.client.generate({ prompt: 'x' }).result();
    const left = use.client.generate({ prompt: endless });
    for await (const event of left) if (event.type === 'token') break;
  }
  expect(await leftOver(before)).toEqual([]);
});
