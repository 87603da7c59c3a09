import { expect, it } from 'vitest';

import { leastServed } from './least-served.ts';
import { LoopTurns, sliceMs } from './event-loop-queue.ts';

const { signal } = new AbortController();

/** Turns on a clock that only the work moves, and the turn of the event loop in which each piece of it ran. */
function open() {
  let now = 0;
  let loop = 0;
  let done = false;
  const tick = () => {
    loop++;
    if (!done) setImmediate(tick);
  };
  setImmediate(tick);
  const turns = new LoopTurns(() => now);
  const ran: { name: string; loop: number }[] = [];
  const work = async (owner: string, name: string, pieces: number, ms: number) => {
    const turn = turns.join(owner);
    for (let piece = 1; piece <= pieces; piece++) {
      await turn.run(() => {
        now += ms;
        ran.push({ name: `${name}${piece}`, loop });
      }, signal);
    }
    turn.leave();
    return turn.spentMs;
  };
  return { work, ran, [Symbol.dispose]: () => void (done = true) };
}

it('runs what is short at once, and no more in one turn of the loop than a slice', async () => {
  using context = open();
  const { work, ran } = context;
  expect(await Promise.all([work('fox', 'a', 3, sliceMs / 2), work('fox', 'b', 3, sliceMs / 2)])).toEqual([
    1.5 * sliceMs,
    1.5 * sliceMs,
  ]);
  expect(ran.map(({ name }) => name)).toHaveLength(6);
  const perTurn = new Map<number, number>();
  for (const { loop } of ran) perTurn.set(loop, (perTurn.get(loop) ?? 0) + 1);
  expect(Math.max(...perTurn.values())).toBe(2);
});

it('gives one long piece to each turn, to the owners by turns, however many prompts one of them has', async () => {
  using context = open();
  const { work, ran } = context;
  await Promise.all([
    ...Array.from({ length: 20 }, (_, at) => work('hog', `h${at}-`, 3, 2 * sliceMs)),
    work('fox', 'f', 3, 2 * sliceMs),
  ]);
  expect(new Set(ran.map(({ loop }) => loop)).size).toBe(ran.length);
  // Of the two owners each has every second one.
  expect(ran.findIndex(({ name }) => name === 'f3')).toBeLessThan(7);
});

it('lets nobody catch up who was away', async () => {
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

it('stops at a turn that comes too late', async () => {
  const turns = new LoopTurns();
  const turn = turns.join('fox');
  turns.charge('fox', 2 * sliceMs);
  const abort = new AbortController();
  const late = turn.run(() => 'done', abort.signal);
  abort.abort(new Error('gone'));
  await expect(late).rejects.toThrow('gone');
  turn.leave();
});

it('serves the one who has used least of those who wait', () => {
  const [fox, owl, idle] = [
    { spent: 5, waiting: [1] },
    { spent: 3, waiting: [1] },
    { spent: 0, waiting: [] },
  ];
  expect(leastServed([fox, owl, idle])).toBe(owl);
  expect(leastServed([idle])).toBeNull();
});
