import { setImmediate as turn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { ReadTurns } from './read-turns.ts';

const kib = 1024;

function reader() {
  const states: string[] = [];
  return { states, hold: () => void states.push('paused'), release: () => void states.push('resumed') };
}

test('nobody waits while a turn reads little', async () => {
  const turns = new ReadTurns(256 * kib);
  const one = reader();
  for (let at = 0; at < 10; at++) {
    turns.took(one, 128 * kib);
    await turn();
  }
  expect(one.states).toEqual([]);
});

test('who is read once a turn has read what it may waits for a turn of its own, in the order they came', async () => {
  const turns = new ReadTurns(64 * kib);
  const readers = Array.from({ length: 3 }, reader);
  for (const one of readers) turns.took(one, 64 * kib);
  const states = () => readers.map((one) => one.states.at(-1));
  expect(states()).toEqual(['paused', 'paused', 'paused']);
  await turn();
  expect(states()).toEqual(['resumed', 'paused', 'paused']);
  await turn();
  expect(states()).toEqual(['resumed', 'resumed', 'paused']);
  await turn();
  expect(states()).toEqual(['resumed', 'resumed', 'resumed']);
});

test('who has left is not read again', async () => {
  const turns = new ReadTurns(64 * kib);
  const [gone, other] = [reader(), reader()];
  turns.took(gone, 64 * kib);
  turns.took(other, 1);
  turns.leave(gone);
  await turn();
  expect([gone.states, other.states]).toEqual([['paused'], ['paused', 'resumed']]);
});
