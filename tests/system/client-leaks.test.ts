import { getEventListeners } from 'node:events';

import { createClient, type HeadwayClient } from '@headway/client';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { beforeEach, expect, test } from 'vitest';

import { activeResources, leftOver } from './active-resources.ts';
import { startPuppetGateway, type PuppetGateway } from './puppet-gateway.ts';

/** Fails when the test before left a resource. */
beforeEach(async () => {
  const none = { Timeout: Infinity, TCPSocketWrap: 0, TCPServerWrap: 0, TCPConnectWrap: 0, GetAddrInfoReqWrap: 0 };
  const left = await leftOver(none);
  if (left.length > 0) throw new Error(`left by the test before: ${left.join(', ')}`);
});

async function useEverything(gateway: PuppetGateway, client: HeadwayClient, signal: AbortSignal): Promise<void> {
  const whole = client.generate({ prompt: 'whole' }, { signal });
  let puppet = await gateway.generations.take();
  puppet.send(samplePrefill(), sampleToken(), sampleDone());
  puppet.end();
  await whole.result();

  const left = client.generate({ prompt: 'left' }, { signal });
  puppet = await gateway.generations.take();
  puppet.send(sampleToken());
  for await (const _event of left) break;
  (await gateway.cancels.take()).answer(true);
  puppet.send(sampleDone({ finishReason: 'cancelled' }));
  puppet.end();
  await left.result();

  const refused = client.generate({ prompt: '' }, { signal });
  await expect(refused.result()).rejects.toThrow();

  const unanswered = client.generate({ prompt: 'unanswered' }, { signal });
  puppet = await gateway.generations.take();
  const cancelling = unanswered.cancel();
  (await gateway.cancels.take()).answer(false);
  await cancelling;
  await puppet.stopped;

  await client.models();
}

test('a closed client leaves no socket, timer or listener', async () => {
  await using gateway = await startPuppetGateway();
  const { signal } = new AbortController();
  const before = activeResources();
  const client = createClient({ url: gateway.url });
  await useEverything(gateway, client, signal);
  expect(gateway.sockets).toBe(1);
  await client.close();
  await gateway.closedSockets.take();
  expect(gateway.sockets).toBe(0);
  expect(await leftOver(before)).toEqual([]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('an idle client closes its socket, and opens another when needed', async () => {
  await using gateway = await startPuppetGateway();
  const { signal } = new AbortController();
  const before = activeResources();
  const client = createClient({ url: gateway.url, idleTimeoutMs: 0 });
  await useEverything(gateway, client, signal);
  await gateway.closedSockets.take();
  await client.models();
  expect(gateway.upgrades.length).toBeGreaterThanOrEqual(2);
  while (gateway.sockets > 0) await gateway.closedSockets.take();
  expect(await leftOver(before)).toEqual([]);
});

test('a closed client that never reached its gateway leaks nothing', async () => {
  const gone = await startPuppetGateway();
  await gone[Symbol.asyncDispose]();
  const before = activeResources();
  const { signal } = new AbortController();
  const client = createClient({ url: gone.url, connectTimeoutMs: 1 });
  await expect(client.generate({ prompt: 'hi' }, { signal }).result()).rejects.toThrow(/no Headway gateway answers/);
  await client.close();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(await leftOver(before)).toEqual([]);
});

test('a client whose sockets dropped leaks nothing once closed', async () => {
  await using gateway = await startPuppetGateway();
  const before = activeResources();
  const { signal } = new AbortController();
  const client = createClient({ url: gateway.url });
  const generation = client.generate({ prompt: 'hi' }, { signal });
  for (let drops = 0; drops < 20; drops++) {
    await gateway.generations.take();
    gateway.dropSockets();
  }
  const puppet = await gateway.generations.take();
  puppet.send(sampleToken(), sampleDone());
  puppet.end();
  await generation.result();
  await client.close();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(await leftOver(before)).toEqual([]);
  expect(gateway.upgrades).toHaveLength(21);
});

test('a client whose gateway stays away leaks nothing once closed', async () => {
  const before = activeResources();
  const gateway = await startPuppetGateway();
  const client = createClient({ url: gateway.url, reconnectTimeoutMs: 50 });
  const generation = client.generate({ prompt: 'hi' });
  await gateway.generations.take();
  await gateway[Symbol.asyncDispose]();
  await expect(generation.result()).rejects.toThrow(/could not be opened again/);
  expect(await leftOver(before)).toEqual([]);
  await client.close();
});

test('a client opens nothing before its first call', async () => {
  await using gateway = await startPuppetGateway();
  const before = activeResources();
  await using _client = createClient({ url: gateway.url });
  expect(await leftOver(before)).toEqual([]);
  expect(gateway.upgrades).toEqual([]);
});
