import { Writable } from 'node:stream';

import { afterEach, expect, test, vi } from 'vitest';

import { ConnectionPace } from './connection-pace.ts';

/** A socket whose client reads only when `read` is called. */
function slowSocket() {
  let taken: (() => void) | null = null;
  const socket = new Writable({ highWaterMark: 4, write: (_chunk, _encoding, done) => (taken = done) });
  return { socket, read: () => taken?.() };
}

const listeners = (socket: Writable) => socket.listenerCount('drain') + socket.listenerCount('close');
const turn = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => {
  vi.useRealTimers();
});

test('ConnectionPace lets a stream send at once on a socket with room', () => {
  const { socket } = slowSocket();
  expect(new ConnectionPace(socket).enter()).toBe(true);
  expect(listeners(socket)).toBe(0);
});

test('ConnectionPace lets one stream send at a time, in order', async () => {
  const pace = new ConnectionPace(slowSocket().socket);
  const entered: string[] = [];
  expect(pace.enter()).toBe(true);
  for (const name of ['second', 'third']) void Promise.resolve(pace.enter()).then(() => entered.push(name));
  await turn();
  expect(entered).toEqual([]);
  pace.exit();
  await turn();
  expect(entered).toEqual(['second']);
  pace.exit();
  await turn();
  expect(entered).toEqual(['second', 'third']);
  pace.exit();
  expect(pace.enter()).toBe(true);
});

test('the streams of a full socket share two listeners and one timer, and resume one by one when it drains', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { socket, read } = slowSocket();
  const pace = new ConnectionPace(socket);
  socket.write('12345678');
  let entered = 0;
  for (let at = 0; at < 50; at++) void Promise.resolve(pace.enter()).then(() => entered++);
  await turn();
  expect(entered).toBe(0);
  expect(listeners(socket)).toBe(2);
  expect(vi.getTimerCount()).toBe(1);
  read();
  for (let at = 1; at <= 50; at++) {
    await turn();
    expect(entered).toBe(at);
    pace.exit();
  }
  expect(listeners(socket)).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('a stream that fills the socket makes the next one wait', async () => {
  const { socket, read } = slowSocket();
  const pace = new ConnectionPace(socket);
  expect(pace.enter()).toBe(true);
  let entered = false;
  const next = Promise.resolve(pace.enter()).then(() => (entered = true));
  socket.write('12345678');
  pace.exit();
  await turn();
  expect(entered).toBe(false);
  read();
  await next;
  expect(listeners(socket)).toBe(0);
});

test('an aborted signal ends the wait of its own stream alone, and leaves no listener', async () => {
  const { socket, read } = slowSocket();
  const pace = new ConnectionPace(socket);
  socket.write('12345678');
  const [aborted, other] = [new AbortController(), new AbortController()];
  const stays = pace.enter(other.signal);
  const ends = pace.enter(aborted.signal);
  aborted.abort();
  expect(await ends).toBe(false);
  expect(listeners(socket)).toBe(2);
  read();
  expect(await stays).toBe(true);
  expect(listeners(socket)).toBe(0);
});

test('a destroyed socket ends the wait of all its streams', async () => {
  const { socket } = slowSocket();
  const pace = new ConnectionPace(socket);
  socket.write('12345678');
  const waiting = [pace.enter(), pace.enter()];
  socket.destroy();
  expect(await waiting[0]).toBe(true);
  pace.exit();
  expect(await waiting[1]).toBe(true);
  expect(listeners(socket)).toBe(0);
});

test('a socket that takes nothing for slowConsumerMs fails waiting and later streams, then calls onSlow', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { socket } = slowSocket();
  const slow: string[] = [];
  const pace = new ConnectionPace(socket, { slowConsumerMs: 1000, onSlow: () => slow.push('close') });
  socket.write('12345678');
  const waiting = [pace.enter(), pace.enter()].map((entering) =>
    Promise.resolve(entering).catch((error: unknown) => {
      slow.push('failed');
      return error;
    }),
  );
  vi.advanceTimersByTime(999);
  await turn();
  expect(slow).toEqual([]);
  vi.advanceTimersByTime(1);
  for (const error of await Promise.all(waiting))
    expect(error).toMatchObject({ code: 'slow-consumer', retryable: true });
  await turn();
  expect(slow).toEqual(['failed', 'failed', 'close']);
  await expect(pace.enter()).rejects.toMatchObject({ code: 'slow-consumer' });
  expect(listeners(socket)).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('a socket that takes a little within each slowConsumerMs stays open', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { socket, read } = slowSocket();
  const pace = new ConnectionPace(socket, { slowConsumerMs: 1000 });
  for (let at = 0; at < 5; at++) {
    socket.write('12345678');
    const entering = pace.enter();
    vi.advanceTimersByTime(900);
    read();
    expect(await entering).toBe(true);
    pace.exit();
  }
});
