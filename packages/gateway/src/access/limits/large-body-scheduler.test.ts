import { expect, test } from 'vitest';

import { LargeBodyScheduler } from './large-body-scheduler.ts';

const busy = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

test('LargeBodyScheduler runs one step at a time, round robin over accounts', async () => {
  const scheduler = new LargeBodyScheduler();
  const read: string[] = [];
  const all = ['a', 'a', 'a', 'b', 'a', 'b'].map(
    (account, at) =>
      new Promise<void>((resolve) => scheduler.schedule(account, () => resolve(void read.push(account + at)))),
  );
  expect(read).toEqual(['a0']);
  await Promise.all(all);
  expect(read).toEqual(['a0', 'a1', 'b3', 'a2', 'b5', 'a4']);
});

test('LargeBodyScheduler leaves the event loop free for twice the time that each step took', async () => {
  const scheduler = new LargeBodyScheduler();
  const ends: number[] = [];
  const begins: number[] = [];
  const read = () => {
    begins.push(performance.now());
    busy(15);
    ends.push(performance.now());
  };
  await Promise.all([1, 2, 3].map(() => new Promise<void>((resolve) => scheduler.schedule('', () => resolve(read())))));
  const rests = ends.slice(0, -1).map((end, at) => (begins[at + 1] ?? 0) - end);
  expect(rests).toHaveLength(2);
  // A timer may fire a millisecond early.
  for (const rest of rests) expect(rest).toBeGreaterThanOrEqual(29);
});

test('LargeBodyScheduler skips a cancelled step and runs the next one', async () => {
  const scheduler = new LargeBodyScheduler();
  const read: string[] = [];
  scheduler.schedule('a', () => void read.push('first'));
  const cancel = scheduler.schedule('a', () => void read.push('cancelled'));
  cancel();
  await new Promise<void>((resolve) => scheduler.schedule('b', () => resolve(void read.push('last'))));
  cancel();
  expect(read).toEqual(['first', 'last']);
});
