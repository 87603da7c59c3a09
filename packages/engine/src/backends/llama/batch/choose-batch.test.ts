import { expect, it } from 'vitest';

import type { Work } from './batch-item.ts';
import { chooseBatch, type WaitingItem } from './choose-batch.ts';

const item = (count: number, drawAt: readonly number[], from = 0, sequenceId = 0): WaitingItem => ({
  item: {
    work: drawAt.length === 0 ? 'prefill' : 'decode',
    sequenceId,
    position: 0,
    tokens: Array.from({ length: count }, (_, at) => at),
    drawAt,
    draw: () => Promise.resolve(),
    done: () => undefined,
    failed: () => undefined,
  },
  from,
  drawn: [],
});
const chunk = (count: number, from = 0) => item(count, [], from);
const writing = () => item(1, [0]);

it.each<Work>(['decode', 'prefill'])('a batch takes every item of the one kind that waits, whole, after %s', (last) => {
  const [a, b, c] = [writing(), writing(), chunk(64)];
  expect(chooseBatch([a, b], 516, last)).toEqual({
    work: 'decode',
    parts: [
      { waiting: a, count: 1 },
      { waiting: b, count: 1 },
    ],
  });
  expect(chooseBatch([c], 516, last)).toEqual({ work: 'prefill', parts: [{ waiting: c, count: 64 }] });
});

it('written tokens and a chunk alternate, each in a batch of its own', () => {
  const [a, b, c] = [writing(), writing(), chunk(64)];
  let last: Work = 'prefill';
  const batches = Array.from({ length: 6 }, () => {
    const batch = chooseBatch([a, c, b], 516, last);
    last = batch?.work ?? last;
    return batch?.parts.map(({ waiting }) => waiting);
  });
  expect(batches).toEqual([[a, b], [c], [a, b], [c], [a, b], [c]]);
});

it('a batch never exceeds its size and is never empty', () => {
  const counts = (items: WaitingItem[], size: number) =>
    chooseBatch(items, size, 'decode')?.parts.map((one) => one.count);
  expect(counts([chunk(64), chunk(64), chunk(64)], 100)).toEqual([64, 36]);
  expect(counts([], 100)).toBeUndefined();
});

it('a batch goes on where the last one stopped', () => {
  expect(chooseBatch([chunk(64, 36)], 100, 'decode')?.parts).toMatchObject([{ count: 28 }]);
});

it('a chunk after which a token is drawn shares no batch with written tokens', () => {
  const [a, last] = [writing(), item(64, [63])];
  const ending = { ...last, item: { ...last.item, work: 'prefill' as const } };
  expect(chooseBatch([a, ending], 516, 'decode')).toEqual({ work: 'prefill', parts: [{ waiting: ending, count: 64 }] });
  expect(chooseBatch([a, ending], 516, 'prefill')).toEqual({ work: 'decode', parts: [{ waiting: a, count: 1 }] });
});

it('sequences are in the order of their ids, however they began to wait', () => {
  const items = [3, 0, 2, 1].map((sequenceId) => item(1, [0], 0, sequenceId));
  const ids = chooseBatch(items, 516, 'prefill')?.parts.map(({ waiting }) => waiting.item.sequenceId);
  expect(ids).toEqual([0, 1, 2, 3]);
});
