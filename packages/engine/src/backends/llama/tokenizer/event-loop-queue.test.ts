import { expect, it } from 'vitest';

import { leastServed } from './least-served.ts';
import { EventLoopQueue, sliceMs } from './event-loop-queue.ts';

const { signal } = new AbortController();

/** A queue on a clock that only its calls advance, with a log of the event-loop tick in which each call ran. */
function open() {
  let now = 0;
  let loop = 0;
  let done = false;
  const tick = () => {
    loop++;
    if (!done) setImmediate(tick);
  };
  setImmediate(tick);
  const queue = new EventLoopQueue(() => now);
  const ran: { name: string; loop: number }[] = [];
  const work = async (owner: string, name: string, pieces: number, ms: number) => {
    const task = queue.start(owner);
    for (let piece = 1; piece <= pieces; piece++) {
      await task.run(() => {
        now += ms;
        ran.push({ name: `${name}${piece}`, loop });
      }, signal);
    }
    task.end();
    return task.spentMs;
  };
  return { work, ran, [Symbol.dispose]: () => void (done = true) };
}

it('short calls run at once, at most a slice of them in a tick', async () => {
  using context = open();
  const { work, ran } = context;
  expect(await Promise.all([work('fox', 'a', 3, sliceMs / 2), work('fox', 'b', 3, sliceMs / 2)])).toEqual([
    1.5 * sliceMs,
    1.5 * sliceMs,
  ]);
  expect(ran.map(({ name }) => name)).toHaveLength(6);
  const perLoop = new Map<number, number>();
  for (const { loop } of ran) perLoop.set(loop, (perLoop.get(loop) ?? 0) + 1);
  expect(Math.max(...perLoop.values())).toBe(2);
});

it('long calls run one a tick, alternating between owners, however many prompts one owner has', async () => {
  using context = open();
  const { work, ran } = context;
  await Promise.all([
    ...Array.from({ length: 20 }, (_, at) => work('hog', `h${at}-`, 3, 2 * sliceMs)),
    work('fox', 'f', 3, 2 * sliceMs),
  ]);
  expect(new Set(ran.map(({ loop }) => loop)).size).toBe(ran.length);
  // Each of the two owners has every second tick.
  expect(ran.findIndex(({ name }) => name === 'f3')).toBeLessThan(7);
});

it('an owner that was idle gets no credit for it', async () => {
  using context = open();
  const { work, ran } = context;
  const long = work('hog', 'h', 20, 2 * sliceMs);
  while (ran.length < 10) await new Promise((resolve) => setImmediate(resolve));
  const late = work('fox', 'f', 10, 2 * sliceMs);
  await Promise.all([long, late]);
  const between = ran.slice(
    ran.findIndex(({ name }) => name === 'f1'),
    ran.findIndex(({ name }) => name === 'f10'),
  );
  expect(between.filter(({ name }) => name.startsWith('h')).length).toBeGreaterThan(7);
});

it('a call whose signal aborts while it waits never runs', async () => {
  const queue = new EventLoopQueue();
  const task = queue.start('fox');
  queue.charge('fox', 2 * sliceMs);
  const abort = new AbortController();
  const late = task.run(() => 'done', abort.signal);
  abort.abort(new Error('gone'));
  await expect(late).rejects.toThrow('gone');
  task.end();
});

it('the next tick goes to the waiting owner with the least time used', () => {
  const [fox, owl, idle] = [
    { spent: 5, waiting: [1] },
    { spent: 3, waiting: [1] },
    { spent: 0, waiting: [] },
  ];
  expect(leastServed([fox, owl, idle])).toBe(owl);
  expect(leastServed([idle])).toBeNull();
});
