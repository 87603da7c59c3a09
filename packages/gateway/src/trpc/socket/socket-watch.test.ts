import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { connect, Socket, type AddressInfo } from 'node:net';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openAiErrorDialect } from '../../apis/openai/openai-error.ts';
import { ErrorDialects } from '../../surface/error-dialect.ts';
import { WebSocket } from 'ws';

import { openGate } from '../../access/open-gate.ts';
import { GenerationRegistry } from '../../generations/generation-registry.ts';
import { serveTrpcSockets } from '../serve-websocket.ts';
import { judge, SocketWatch, watchTimes, type Watched } from './socket-watch.ts';

const fine: Watched = { ageMs: 600_000, quietMs: 0, idleMs: 0, unfinishedMs: 0, spoke: true, asked: false };
const of = (state: Partial<Watched>) => judge({ ...fine, ...state }, watchTimes);

test.each<[string, Partial<Watched>, ReturnType<typeof judge>]>([
  ['one that talks', {}, 'leave'],
  ['one that was just opened', { ageMs: 0, spoke: false }, 'leave'],
  ['one that has said nothing for nearly 10 s', { ageMs: 9000, quietMs: 9000, spoke: false }, 'leave'],
  ['one that has said nothing for 10 s', { ageMs: 10_000, quietMs: 10_000, spoke: false }, 'silent'],
  ['one whose first message is long on its way', { ageMs: 59_000, quietMs: 0, spoke: false }, 'leave'],
  ['one that sends its first message a byte at a time', { ageMs: 60_000, quietMs: 1000, spoke: false }, 'silent'],
  ['one whose later message is nearly a minute on its way', { unfinishedMs: 59_000 }, 'leave'],
  ['one that sends a later message a byte at a time', { unfinishedMs: 60_000 }, 'slow'],
  ['one that is quiet', { quietMs: 29_000 }, 'leave'],
  ['one that is quiet for long', { quietMs: 30_000 }, 'ask'],
  ['one that was asked', { quietMs: 45_000, asked: true }, 'leave'],
  ['one that does not answer', { quietMs: 60_000, asked: true }, 'gone'],
  ['one that answers and asks nothing', { idleMs: 899_000 }, 'leave'],
  ['one that answers and asks nothing for a quarter of an hour', { idleMs: 900_000 }, 'idle'],
])('%s', (_what, state, verdict) => expect(of(state)).toBe(verdict));

/** A gateway's sockets, over which the test lets the time pass. */
async function openSockets(times = watchTimes) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, script: stalling }), clock });
  const log = pino({ level: 'silent' });
  const server = createServer();
  const ends: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    ends.push(socket);
    socket.once('close', () => ends.splice(ends.indexOf(socket), 1));
  });
  const watch = new SocketWatch(times);
  const { gatekeeper } = await openGate({}, log);
  const generations = new GenerationRegistry({ engine });
  const sockets = serveTrpcSockets({
    server,
    engine,
    gatekeeper,
    generations,
    version: '0',
    slowConsumerMs: undefined,
    log,
    errorDialects: new ErrorDialects([], openAiErrorDialect),
    watch,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    /** The gateway's ends of the connections. */
    ends,
    pass: (seconds: number) => {
      for (let second = 0; second < seconds; second++) watch.step();
    },
    async connect(query = '') {
      const client = new WebSocket(`ws://127.0.0.1:${port}/trpc${query}`);
      const closed = new Promise<string>((resolve) =>
        client.once('close', (code, reason) => resolve(`${code} ${reason.toString()}`)),
      );
      client.on('error', () => undefined);
      await once(client, 'open');
      return { client, closed };
    },
    async [Symbol.asyncDispose]() {
      generations.cancelAll();
      await sockets.close(Promise.resolve());
      await new Promise((resolve) => server.close(resolve));
      generations.close();
      await engine.close();
    },
  };
}

const stalling = { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } } as const;
const status = JSON.stringify({ id: 1, method: 'query', params: { path: 'status' } });
const generate = JSON.stringify({
  id: 2,
  method: 'subscription',
  params: { path: 'generate', input: { prompt: 'x' } },
});

async function speak(client: WebSocket, message: string): Promise<void> {
  const answered = once(client, 'message');
  client.send(message);
  await answered;
}

test('a socket that says nothing for 10 s after it was opened is closed, and told why', async () => {
  await using sockets = await openSockets();
  const [silent, speaking] = [await sockets.connect(), await sockets.connect()];
  sockets.pass(9);
  await speak(speaking.client, status);
  expect(silent.client.readyState).toBe(WebSocket.OPEN);
  sockets.pass(1);
  expect(await silent.closed).toBe('1008 nothing was asked within 10 s of opening this socket');
  sockets.pass(15);
  await speak(speaking.client, status);
});

test('one that sends its first message a byte at a time is closed after a minute', { timeout: 20_000 }, async () => {
  await using sockets = await openSockets();
  const raw = connect(sockets.port, '127.0.0.1');
  raw.write(
    'GET /trpc HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(raw, 'data');
  const [end] = sockets.ends;
  const closed = once(raw, 'close');
  raw.resume();
  // A text frame of 120 bytes, masked with zeros.
  const bytes = [0x81, 0x80 | 120, 0, 0, 0, 0, ...Buffer.alloc(54, 'x')];
  for (const byte of bytes) {
    expect(raw.destroyed).toBe(false);
    const read = end?.bytesRead ?? 0;
    raw.write(Buffer.of(byte));
    await expect.poll(() => end?.bytesRead, { interval: 1 }).toBe(read + 1);
    sockets.pass(1);
  }
  await closed;
  await expect.poll(() => sockets.ends.length).toBe(0);
});

test('a client that is there answers the ping, however quiet it is, and stays', async () => {
  await using sockets = await openSockets();
  const { client } = await sockets.connect();
  await speak(client, status);
  const [end] = sockets.ends;
  for (let round = 0; round < 5; round++) {
    const read = end?.bytesRead ?? 0;
    const pinged = once(client, 'ping');
    // One step sees what has come since, the others let 30 s of silence pass.
    sockets.pass(31);
    await pinged;
    await expect.poll(() => end?.bytesRead, { interval: 1 }).toBeGreaterThan(read);
  }
  await speak(client, status);
  expect(client.readyState).toBe(WebSocket.OPEN);
});

test('a client that is gone without a word is found within a minute, and what it asked for ends as dropped', async () => {
  await using sockets = await openSockets();
  const { client, closed } = await sockets.connect();
  await speak(client, generate);
  // Nothing comes back from here on, as from a machine that lost its network.
  client.pause();
  sockets.pass(60);
  expect(sockets.ends.length).toBe(1);
  sockets.pass(1);
  await expect.poll(() => sockets.ends.length).toBe(0);
  client.resume();
  expect(await closed).toMatch(/^1006 /);
});

test('a socket on which nothing is asked for a quarter of an hour is closed; one with a stream is not', async () => {
  await using sockets = await openSockets();
  const [idle, streaming] = [await sockets.connect(), await sockets.connect()];
  for (const { client } of [idle, streaming]) await speak(client, status);
  await speak(streaming.client, generate);
  // Keep-alives come and go; they ask for nothing.
  for (let second = 0; second < 902 && sockets.ends.length === 2; second += 20) {
    for (const { client } of [idle, streaming]) {
      if (client.readyState === WebSocket.OPEN) await speak(client, 'PING');
    }
    sockets.pass(20);
  }
  expect(await idle.closed).toBe('1000 nothing was asked for 15 min; open another when needed');
  await speak(streaming.client, 'PING');
  expect(streaming.client.readyState).toBe(WebSocket.OPEN);
});

test('a gateway that was held up blames nobody for it', { timeout: 20_000 }, async () => {
  await using sockets = await openSockets({ ...watchTimes, silentMs: 3000 });
  const { client } = await sockets.connect();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3500);
  await speak(client, status);
  expect(client.readyState).toBe(WebSocket.OPEN);
});

test('no timer is left when the last socket is closed', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  const watch = new SocketWatch();
  const before = timers();
  const clients = [new EventEmitter(), new EventEmitter()];
  for (const client of clients) {
    watch.add({
      client: client as WebSocket,
      socket: new Socket(),
      isBusy: () => false,
      meter: { parts: 0, whole: 0 },
    });
  }
  for (const client of clients) client.emit('close');
  expect(timers()).toBe(before);
  expect(clients.map((client) => client.listenerCount('close'))).toEqual([0, 0]);
});
