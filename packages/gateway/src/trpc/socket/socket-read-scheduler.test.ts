import { setImmediate as nextIteration } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { SocketReadScheduler } from './socket-read-scheduler.ts';

const kib = 1024;

function reader() {
  const states: string[] = [];
  return { states, pause: () => void states.push('paused'), resume: () => void states.push('resumed') };
}

test('SocketReadScheduler pauses no socket while each iteration reads less than the budget', async () => {
  const scheduler = new SocketReadScheduler(256 * kib);
  const one = reader();
  for (let at = 0; at < 10; at++) {
    scheduler.countRead(one, 128 * kib);
    await nextIteration();
  }
  expect(one.states).toEqual([]);
});

test('SocketReadScheduler pauses sockets beyond the budget and resumes them one by one, in order', async () => {
  const scheduler = new SocketReadScheduler(64 * kib);
  const readers = Array.from({ length: 3 }, reader);
  for (const one of readers) scheduler.countRead(one, 64 * kib);
  const states = () => readers.map((one) => one.states.at(-1));
  expect(states()).toEqual(['paused', 'paused', 'paused']);
  await nextIteration();
  expect(states()).toEqual(['resumed', 'paused', 'paused']);
  await nextIteration();
  expect(states()).toEqual(['resumed', 'resumed', 'paused']);
  await nextIteration();
  expect(states()).toEqual(['resumed', 'resumed', 'resumed']);
});

test('SocketReadScheduler does not resume a removed socket', async () => {
  const scheduler = new SocketReadScheduler(64 * kib);
  const [removed, other] = [reader(), reader()];
  scheduler.countRead(removed, 64 * kib);
  scheduler.countRead(other, 1);
  scheduler.remove(removed);
  await nextIteration();
  expect([removed.states, other.states]).toEqual([['paused'], ['paused', 'resumed']]);
});
