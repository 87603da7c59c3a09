import { expect, test } from 'vitest';

import { BodyTurns } from './body-turns.ts';

const busy = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

test('one at a time is read, and accounts take turns however many one of them has', async () => {
  const turns = new BodyTurns();
  const read: string[] = [];
  const all = ['a', 'a', 'a', 'b', 'a', 'b'].map(
    (account, at) => new Promise<void>((resolve) => turns.wait(account, () => resolve(void read.push(account + at)))),
  );
  expect(read).toEqual(['a0']);
  await Promise.all(all);
  expect(read).toEqual(['a0', 'a1', 'b3', 'a2', 'b5', 'a4']);
});

test('between two the loop is left to others for twice what one took', async () => {
  const turns = new BodyTurns();
  const ends: number[] = [];
  const begins: number[] = [];
  const read = () => {
    begins.push(performance.now());
    busy(15);
    ends.push(performance.now());
  };
  await Promise.all([1, 2, 3].map(() => new Promise<void>((resolve) => turns.wait('', () => resolve(read())))));
  const rests = ends.slice(0, -1).map((end, at) => (begins[at + 1] ?? 0) - end);
  expect(rests).toHaveLength(2);
  // A timer may be a millisecond early.
  for (const rest of rests) expect(rest).toBeGreaterThanOrEqual(29);
});

test('whoever gives up is not read, and keeps nobody waiting', async () => {
  const turns = new BodyTurns();
  const read: string[] = [];
  turns.wait('a', () => void read.push('first'));
  const giveUp = turns.wait('a', () => void read.push('gone'));
  giveUp();
  await new Promise<void>((resolve) => turns.wait('b', () => resolve(void read.push('last'))));
  giveUp();
  expect(read).toEqual(['first', 'last']);
});
