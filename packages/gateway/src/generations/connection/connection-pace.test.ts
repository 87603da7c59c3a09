import { Writable } from 'node:stream';

import { afterEach, expect, test, vi } from 'vitest';

import { ConnectionPace } from './connection-pace.ts';

/** A socket whose client reads when told to. */
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

test('a socket with room keeps nobody waiting', () => {
  const { socket } = slowSocket();
  expect(new ConnectionPace(socket).enter()).toBe(true);
  expect(listeners(socket)).toBe(0);
});

test('streams take turns, in order', async () => {
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

test('all streams of a full socket wait on one pair of listeners and one timer, and go on one by one as it drains', async () => {
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

test('an abort wakes its own stream only, gives it no turn, and leaves no listener', async () => {
  const { socket, read } = slowSocket();
  const pace = new ConnectionPace(socket);
  socket.write('12345678');
  const [leaving, staying] = [new AbortController(), new AbortController()];
  const stays = pace.enter(staying.signal);
  const left = pace.enter(leaving.signal);
  leaving.abort();
  expect(await left).toBe(false);
  expect(listeners(socket)).toBe(2);
  read();
  expect(await stays).toBe(true);
  expect(listeners(socket)).toBe(0);
});

test('a socket that is destroyed lets everybody go', async () => {
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

test('a socket that takes nothing for too long fails whoever waits, then whoever comes, and is to be closed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { socket } = slowSocket();
  const slow: string[] = [];
  const pace = new ConnectionPace(socket, { slowConsumerMs: 1000, onSlow: () => slow.push('close') });
  socket.write('12345678');
  const waiting = [pace.enter(), pace.enter()].map((entering) =>
    Promise.resolve(entering).catch((error: unknown) => {
      slow.push('told');
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
  expect(slow).toEqual(['told', 'told', 'close']);
  await expect(pace.enter()).rejects.toMatchObject({ code: 'slow-consumer' });
  expect(listeners(socket)).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('one that takes a little now and then is slow, and not too slow', async () => {
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
