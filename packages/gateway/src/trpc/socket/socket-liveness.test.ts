import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { connect, Socket, type AddressInfo } from 'node:net';

import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openAiErrorDialect } from '../../apis/openai/openai-error.ts';
import { ErrorDialects } from '../../surface/error-dialect.ts';
import { WebSocket } from 'ws';

import { startAccessControl } from '../../access/start-access-control.ts';
import { GenerationRegistry } from '../../generations/generation-registry.ts';
import { serveTrpcSockets } from '../serve-websocket.ts';
import { judge, SocketLiveness, livenessTimes, type SocketActivity } from './socket-liveness.ts';

const fine: SocketActivity = {
  ageMs: 600_000,
  quietMs: 0,
  idleMs: 0,
  incompleteMs: 0,
  hadMessage: true,
  pinged: false,
};
const of = (state: Partial<SocketActivity>) => judge({ ...fine, ...state }, livenessTimes);

test.each<[string, Partial<SocketActivity>, ReturnType<typeof judge>]>([
  ['a busy socket', {}, 'keep'],
  ['a new socket', { ageMs: 0, hadMessage: false }, 'keep'],
  ['a new socket that is silent for 9 s', { ageMs: 9000, quietMs: 9000, hadMessage: false }, 'keep'],
  ['a new socket that is silent for 10 s', { ageMs: 10_000, quietMs: 10_000, hadMessage: false }, 'silent'],
  ['a first message that takes 59 s', { ageMs: 59_000, quietMs: 0, hadMessage: false }, 'keep'],
  ['a first message that takes 60 s', { ageMs: 60_000, quietMs: 1000, hadMessage: false }, 'silent'],
  ['a later message that takes 59 s', { incompleteMs: 59_000 }, 'keep'],
  ['a later message that takes 60 s', { incompleteMs: 60_000 }, 'slow'],
  ['a client that is quiet for 29 s', { quietMs: 29_000 }, 'keep'],
  ['a client that is quiet for 30 s', { quietMs: 30_000 }, 'ping'],
  ['a pinged client that is quiet for 45 s', { quietMs: 45_000, pinged: true }, 'keep'],
  ['a pinged client that is quiet for 60 s', { quietMs: 60_000, pinged: true }, 'gone'],
  ['a socket without calls for 899 s', { idleMs: 899_000 }, 'keep'],
  ['a socket without calls for 900 s', { idleMs: 900_000 }, 'idle'],
])('judge decides for %s: %j → %s', (_what, state, verdict) => expect(of(state)).toBe(verdict));

/** The tRPC sockets of a gateway, with `pass` to let time pass. */
async function openSockets(times = livenessTimes) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, script: stalling }), clock });
  const log = pino({ level: 'silent' });
  const server = createServer();
  const ends: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    ends.push(socket);
    socket.once('close', () => ends.splice(ends.indexOf(socket), 1));
  });
  const liveness = new SocketLiveness(times);
  const { accessControl } = await startAccessControl({}, log);
  const generations = new GenerationRegistry({ engine });
  const sockets = serveTrpcSockets({
    server,
    engine,
    accessControl,
    generations,
    version: '0',
    slowConsumerMs: undefined,
    log,
    errorDialects: new ErrorDialects([], openAiErrorDialect),
    liveness,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    /** The gateway's side of each connection. */
    ends,
    pass: (seconds: number) => {
      for (let second = 0; second < seconds; second++) liveness.step();
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

test('the gateway closes a new socket that is silent for 10 s, and says why', async () => {
  await using sockets = await openSockets();
  const [silent, speaking] = [await sockets.connect(), await sockets.connect()];
  sockets.pass(9);
  await speak(speaking.client, status);
  expect(silent.client.readyState).toBe(WebSocket.OPEN);
  sockets.pass(1);
  expect(await silent.closed).toBe('1008 no message arrived within 10 s of opening this socket');
  sockets.pass(15);
  await speak(speaking.client, status);
});

test('the gateway closes a socket whose first message takes a minute', { timeout: 20_000 }, async () => {
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

test('a quiet client that answers pings stays connected', async () => {
  await using sockets = await openSockets();
  const { client } = await sockets.connect();
  await speak(client, status);
  const [end] = sockets.ends;
  for (let round = 0; round < 5; round++) {
    const read = end?.bytesRead ?? 0;
    const pinged = once(client, 'ping');
    // The first step counts the bytes since the last one; the others let 30 s of silence pass.
    sockets.pass(31);
    await pinged;
    await expect.poll(() => end?.bytesRead, { interval: 1 }).toBeGreaterThan(read);
  }
  await speak(client, status);
  expect(client.readyState).toBe(WebSocket.OPEN);
});

test('the gateway drops a client that answers no ping for a minute', async () => {
  await using sockets = await openSockets();
  const { client, closed } = await sockets.connect();
  await speak(client, generate);
  // From here on the client sends nothing, like a machine that lost its network.
  client.pause();
  sockets.pass(60);
  expect(sockets.ends.length).toBe(1);
  sockets.pass(1);
  await expect.poll(() => sockets.ends.length).toBe(0);
  client.resume();
  expect(await closed).toMatch(/^1006 /);
});

test(
  'the gateway closes a socket without calls for 15 min, but not one with a stream',
  { timeout: 20_000 },
  async () => {
    await using sockets = await openSockets();
    const [idle, streaming] = [await sockets.connect(), await sockets.connect()];
    for (const { client } of [idle, streaming]) await speak(client, status);
    await speak(streaming.client, generate);
    // Keep-alives are no calls.
    for (let second = 0; second < 902 && sockets.ends.length === 2; second += 20) {
      for (const { client } of [idle, streaming]) {
        if (client.readyState === WebSocket.OPEN) await speak(client, 'PING');
      }
      sockets.pass(20);
    }
    expect(await idle.closed).toBe('1000 no call was made for 15 min; open another socket when needed');
    await speak(streaming.client, 'PING');
    expect(streaming.client.readyState).toBe(WebSocket.OPEN);
  },
);

test('a gateway whose event loop was blocked closes no socket for it', { timeout: 20_000 }, async () => {
  await using sockets = await openSockets({ ...livenessTimes, silentMs: 3000 });
  const { client } = await sockets.connect();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3500);
  await speak(client, status);
  expect(client.readyState).toBe(WebSocket.OPEN);
});

test('SocketLiveness leaves no timer when the last socket is closed', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  const liveness = new SocketLiveness();
  const before = timers();
  const clients = [new EventEmitter(), new EventEmitter()];
  for (const client of clients) {
    liveness.add({
      client: client as WebSocket,
      socket: new Socket(),
      isBusy: () => false,
      meter: { pieces: 0, messages: 0 },
    });
  }
  for (const client of clients) client.emit('close');
  expect(timers()).toBe(before);
  expect(clients.map((client) => client.listenerCount('close'))).toEqual([0, 0]);
});
