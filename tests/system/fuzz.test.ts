import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent } from 'node:http';
import type { Socket } from 'node:net';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import type { GenerationInfo } from '@headway/protocol';
import fc, { type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';

import { settledMemory } from '../src/memory.ts';
import { soakScale } from '../src/soak-scale.ts';
import { FuzzSocket, sendBytes, sendFrames, sendRequest } from './fuzz-gateway.ts';
import { bytes, frames, message, request } from './fuzz-inputs.ts';
import { Wire } from './wire.ts';

const total = 100_000 * soakScale();
const seed = soakScale() < 1 ? 4477 : Math.floor(Math.random() * 2 ** 31);
/** Inputs between two health checks, by kind. */
const round = { messages: 700, requests: 200, frames: 50, bytes: 50 };
const rounds = Math.ceil(total / (round.messages + round.requests + round.frames + round.bytes));

/**
 * Bytes that the heap may grow by between the first tenth and the end: the kept generations, 256 at most, differ in size.
 */
const heapNoise = 8 * 2 ** 20;

/** Cancels running generations until all requests are answered, because some generations are endless. */
async function cancelUntil(all: Promise<unknown>, url: string): Promise<void> {
  let waiting = true;
  const over = all.finally(() => (waiting = false));
  await using wire = await Wire.open(url);
  while (waiting) {
    const listed = (await wire.answer(wire.call('query', 'generations'))) as GenerationInfo[];
    for (const { id, outcome } of listed) if (outcome === null) wire.call('mutation', 'cancel', { id });
    wire.frames.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await over;
}

const unlimited = {
  requests: 1_000_000_000,
  generations: 1_000_000,
  subscriptions: 1_000_000,
  connectionsEach: 1_000_000,
  connections: 1_000_000,
};

test(
  'the gateway survives random input, answers it, has no internal error and holds nothing of it',
  {
    timeout: 1_800_000,
  },
  async () => {
    const clock = createVirtualClock({ auto: true });
    await using engine = await createEngine({
      backend: scripted({
        clock,
        contextSize: 4096,
        script: (asked) => ({
          reply: 'one two three',
          fault: JSON.stringify(asked).includes('endless') ? { phase: 'decode', afterTokens: 1, does: 'stall' } : null,
        }),
      }),
      clock,
      parallel: 4,
    });
    await using gateway = await startGateway({ engine, port: 0, graceMs: 0, limits: unlimited });
    const { url } = gateway;

    const unhandled: string[] = [];
    const onUnhandled = (thrown: unknown) =>
      unhandled.push(thrown instanceof Error ? `${thrown.stack}` : String(thrown));
    process.on('unhandledRejection', onUnhandled).on('uncaughtException', onUnhandled).on('warning', onUnhandled);
    const ends = new Set<Socket>();
    const onSocket = (opened: unknown) => {
      const { socket } = opened as { socket: Socket };
      ends.add(socket);
      socket.once('close', () => ends.delete(socket));
    };
    subscribe('net.server.socket', onSocket);

    const complaints: string[] = [];
    const complain = (what: string, answer: string) => complaints.push(`${what}: ${answer.slice(0, 1000)}`);
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const sockets = Array.from({ length: 8 }, () => new FuzzSocket(url, complain));
    const statuses: Record<number, number> = {};
    let sent = 0;
    const heaps: number[] = [];

    for (let at = 0; at < rounds; at++) {
      const sample = <T>(kind: Arbitrary<T>, numRuns: number) => fc.sample(kind, { numRuns, seed: seed + at });
      const messages = sample(message, round.messages);
      const share = Math.ceil(messages.length / sockets.length);
      const requests = sample(request, round.requests);
      const feed = sockets.map((socket, of) => socket.send(messages.slice(of * share, (of + 1) * share)));
      const asked = requests.map(async (one) => {
        const status = await sendRequest(url, one, { agent, complain });
        statuses[status] = (statuses[status] ?? 0) + 1;
      });
      for (const one of sample(frames, round.frames)) await sendFrames(url, one);
      for (const one of sample(bytes, round.bytes)) await sendBytes(url, one, complain);
      await cancelUntil(Promise.all([...feed, ...asked]), url);
      sent += messages.length + requests.length + round.frames + round.bytes;
      // Closing the sockets ends their generations, so that the next check finds an idle gateway.
      await Promise.all(sockets.map((socket) => socket.close()));

      await using wire = await Wire.open(url);
      wire.call('subscription', 'generate', { prompt: 'still there?' });
      const { result } = await wire.find((frame) => JSON.stringify(frame).includes('"type":"done"'));
      expect(JSON.stringify(result)).toContain('"completionTokens":3');
      expect({ seed: seed + at, complaints, unhandled }).toEqual({ seed: seed + at, complaints: [], unhandled: [] });
      if (at % Math.ceil(rounds / 10) === 0) heaps.push((await settledMemory()).heapUsed);
    }
    agent.destroy();

    expect(sent).toBeGreaterThanOrEqual(total);
    // Most input got through: sockets stayed open, and requests succeeded as often as they failed.
    expect(sockets.reduce((sum, { answers }) => sum + answers, 0)).toBeGreaterThan(sent / 4);
    expect(statuses[200] ?? 0).toBeGreaterThan(sent / 100);
    expect(statuses[400] ?? 0).toBeGreaterThan(sent / 100);

    await expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
    await expect.poll(() => ends.size).toBe(0);
    const [warm = 0] = heaps.slice(1);
    heaps.push((await settledMemory()).heapUsed);
    expect((heaps.at(-1) ?? Number.NaN) - warm).toBeLessThan(heapNoise);
    expect(unhandled).toEqual([]);
    process.off('unhandledRejection', onUnhandled).off('uncaughtException', onUnhandled).off('warning', onUnhandled);
    unsubscribe('net.server.socket', onSocket);
  },
);
