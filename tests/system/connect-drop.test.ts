import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { settledMemory } from '../src/memory.ts';
import { soakScale } from '../src/soak-scale.ts';

const cycles = 10_000 * soakScale();
/** Connections at a time. */
const together = 10;
/** Cycles until the code is compiled, and what is kept on purpose, the last 256 generations, is full. */
const warmUp = cycles * 0.3;

/**
 * Bytes that the heap may differ by when nothing is left. Over 10,000 cycles it was between 39.6 and 41.7 MB from the
 * 2,000th on, with 10,000 weak references of this test's own in it.
 */
const heapNoise = 3 * 2 ** 20;

/** How a client disconnects, and at which point. */
const ways = ['says goodbye', 'breaks off', 'resets'] as const;
const moments = ['opened', 'asked', 'started', 'writing'] as const;

async function connectAndDrop(url: string, cycle: number): Promise<void> {
  const client = new WebSocket(`${url.replace('http', 'ws')}/trpc`);
  const closed = once(client, 'close');
  await once(client, 'open');
  const moment = moments[cycle % moments.length];
  if (moment !== 'opened') {
    const input = { prompt: `cycle ${cycle}`, id: `cycle-${cycle}` };
    client.send(JSON.stringify({ id: 1, method: 'subscription', params: { path: 'generate', input } }));
    const seen = moment === 'started' ? '"started"' : '"token"';
    if (moment !== 'asked') {
      await new Promise<void>((resolve) => client.on('message', (frame: Buffer) => frame.includes(seen) && resolve()));
    }
  }
  switch (ways[Math.floor(cycle / moments.length) % ways.length]) {
    case 'says goodbye':
      client.close();
      break;
    case 'breaks off':
      client.terminate();
      break;
    default:
      (client as unknown as { _socket: Socket })._socket.resetAndDestroy();
  }
  await closed;
}

const resources = (kind: RegExp) => process.getActiveResourcesInfo().filter((one) => kind.test(one)).length;
const processListeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);

test(
  'connections that drop at any moment leave no socket, timer, listener, generation or memory',
  { timeout: 1_800_000 },
  async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    const before = { listeners: processListeners(), sockets: resources(/TCP/), timers: resources(/Timeout/) };
    process.on('warning', onWarning);
    const open = new Set<Socket>();
    const ever: WeakRef<Socket>[] = [];
    const onSocket = (message: unknown) => {
      const { socket } = message as { socket: Socket };
      open.add(socket);
      ever.push(new WeakRef(socket));
      socket.once('close', () => open.delete(socket));
    };
    subscribe('net.server.socket', onSocket);

    const clock = createVirtualClock({ auto: true });
    const engine = await createEngine({
      backend: scripted({
        clock,
        script: { reply: 'one two three', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
      }),
      clock,
      parallel: together,
    });
    const gateway = await startGateway({ engine, port: 0, graceMs: 1, limits: { requests: 1_000_000_000 } });
    const listed = async () =>
      (await (await fetch(`${gateway.url}/v1/generations`)).json()) as { generations: { outcome: string | null }[] };
    const settled = async () => {
      await expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
      await expect.poll(async () => (await listed()).generations.filter(({ outcome }) => outcome === null)).toEqual([]);
      // fetch keeps the connection of its request open.
      await expect.poll(() => open.size).toBeLessThanOrEqual(1);
      return (await settledMemory()).heapUsed;
    };

    let warm = 0;
    for (let cycle = 0; cycle < cycles; cycle += together) {
      if (cycle >= warmUp && warm === 0) warm = await settled();
      await Promise.all(Array.from({ length: together }, (_, at) => connectAndDrop(gateway.url, cycle + at)));
    }
    const heap = await settled();
    const { generations } = await listed();
    expect(generations.length).toBeLessThanOrEqual(256);
    expect(new Set(generations.map(({ outcome }) => outcome))).toEqual(new Set(['abandoned']));
    expect(ever.length).toBeGreaterThanOrEqual(cycles);
    expect(ever.filter((socket) => socket.deref()).length).toBeLessThanOrEqual(together);
    expect(heap - warm).toBeLessThan(heapNoise);

    await gateway.close();
    await engine.close();
    process.off('warning', onWarning);
    unsubscribe('net.server.socket', onSocket);
    expect(warnings).toEqual([]);
    await expect.poll(() => open.size).toBe(0);
    expect(processListeners()).toBe(before.listeners);
    // The client's side of fetch's connection, and the test runner's own timer, may or may not exist.
    await expect.poll(() => resources(/TCP/)).toBeLessThanOrEqual(before.sockets + 1);
    await expect.poll(() => resources(/Timeout/)).toBeLessThanOrEqual(before.timers + 1);
  },
);
