import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Writable } from 'node:stream';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import type { GenerationEvent } from '@headway/protocol';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { openGate } from '../access/open-gate.ts';
import { ConnectionPace } from './connection-pace.ts';
import { serveTrpcSockets } from './serve-websocket.ts';

/** A socket whose client reads when told to. */
function slowSocket() {
  let taken: (() => void) | null = null;
  const socket = new Writable({ highWaterMark: 4, write: (_chunk, _encoding, done) => (taken = done) });
  return { socket, read: () => taken?.() };
}

const listeners = (socket: Writable) => socket.listenerCount('drain') + socket.listenerCount('close');

test('a socket with room keeps nobody waiting', async () => {
  const { socket } = slowSocket();
  await new ConnectionPace(socket).drained(new AbortController().signal);
  expect(listeners(socket)).toBe(0);
});

test('all streams of a full socket wait on one pair of listeners, and go on when it drains', async () => {
  const { socket, read } = slowSocket();
  const pace = new ConnectionPace(socket);
  socket.write('12345678');
  let gone = 0;
  const waiting = Array.from({ length: 50 }, () => pace.drained().then(() => gone++));
  await new Promise((resolve) => setImmediate(resolve));
  expect(gone).toBe(0);
  expect(listeners(socket)).toBe(2);
  read();
  await Promise.all(waiting);
  expect(listeners(socket)).toBe(0);
});

test('an abort wakes its own stream only and leaves no listener', async () => {
  const { socket, read } = slowSocket();
  const pace = new ConnectionPace(socket);
  socket.write('12345678');
  const [leaving, staying] = [new AbortController(), new AbortController()];
  const stays = pace.drained(staying.signal);
  const left = pace.drained(leaving.signal);
  leaving.abort();
  await left;
  expect(listeners(socket)).toBe(2);
  read();
  await stays;
  expect(listeners(socket)).toBe(0);
});

test('a socket that is destroyed lets everybody go', async () => {
  const { socket } = slowSocket();
  const pace = new ConnectionPace(socket);
  socket.write('12345678');
  const waiting = pace.drained();
  socket.destroy();
  await waiting;
  expect(listeners(socket)).toBe(0);
});

test(
  'a client that stops reading costs less than 1 MiB, loses nothing, and holds up nobody else',
  { timeout: 60_000 },
  async () => {
    const tokens = 60_000;
    const reply = Array.from({ length: tokens }, (_, at) => `w${at}`).join(' ');
    const clock = createVirtualClock({ auto: true });
    await using engine = await createEngine({
      backend: scripted({
        clock,
        contextSize: 100_000,
        script: ({ prompt }) => ({ reply: prompt === 'long' ? reply : 'short' }),
      }),
      clock,
    });
    const server = createServer();
    const accepted: Socket[] = [];
    server.on('connection', (socket) => accepted.push(socket));
    const log = pino({ level: 'silent' });
    const { gatekeeper } = await openGate({}, log);
    const sockets = serveTrpcSockets({ server, engine, gatekeeper, log });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const open = async (): Promise<WebSocket> => {
      const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/trpc`);
      await new Promise((resolve) => client.once('open', resolve));
      return client;
    };
    const subscribe = (client: WebSocket, prompt: string): Promise<GenerationEvent[]> =>
      new Promise((resolve) => {
        const events: GenerationEvent[] = [];
        client.on('message', (frame: Buffer) => {
          const { result } = JSON.parse(frame.toString()) as {
            result: { type: string; data?: { data: GenerationEvent } };
          };
          if (result.data) events.push(result.data.data);
          else if (result.type === 'stopped') resolve(events);
        });
        client.send(JSON.stringify({ id: 1, method: 'subscription', params: { path: 'generate', input: { prompt } } }));
      });
    const idle = async () => (await engine.activity()).slots.busy === 0;

    const paused = await open();
    const [serverSide] = accepted;
    const read = subscribe(paused, 'long');
    await new Promise((resolve) => paused.once('message', resolve));
    paused.pause();
    let most = 0;
    while (!(await idle())) {
      most = Math.max(most, serverSide?.writableLength ?? Number.NaN);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(serverSide?.writableNeedDrain).toBe(true);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(1024 * 1024);

    const other = await open();
    expect((await subscribe(other, 'other')).at(-1)).toMatchObject({ type: 'done' });

    paused.resume();
    const events = await read;
    const written = events.flatMap((event) => (event.type === 'token' ? [event] : []));
    expect(written.length).toBeLessThan(tokens);
    expect(written.reduce((sum, { count }) => sum + count, 0)).toBe(tokens);
    expect(written.map(({ text }) => text).join('')).toBe(reply);
    expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b));
    expect(events.at(-1)).toMatchObject({ type: 'done', usage: { completionTokens: tokens } });

    paused.close();
    other.close();
    await sockets.close(Promise.resolve());
    await new Promise((resolve) => server.close(resolve));
  },
);
