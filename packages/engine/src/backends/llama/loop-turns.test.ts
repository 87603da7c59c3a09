import { expect, it } from 'vitest';

import { LoopTurns } from './loop-turns.ts';

it('gives one piece of work to each turn of the loop, in the order they came', async () => {
  const turns = new LoopTurns();
  const order: string[] = [];
  let loop = 0;
  const tick = () => {
    loop++;
    if (loop < 20) setImmediate(tick);
  };
  setImmediate(tick);
  const work = async (name: string) => {
    for (let piece = 1; piece <= 3; piece++) {
      await turns.next();
      order.push(`${name}${piece} in ${loop}`);
    }
  };
  await Promise.all([work('a'), work('b')]);
  const loops = order.map((entry) => Number(entry.split(' ').at(-1)));
  expect(order.map((entry) => entry.split(' ')[0])).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  expect(new Set(loops).size).toBe(6);
});
