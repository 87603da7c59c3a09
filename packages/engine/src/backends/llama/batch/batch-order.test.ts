import type { BatchItem, Token } from 'node-llama-cpp';
import { expect, it } from 'vitest';

import { createBatchOrder } from './batch-order.ts';

const tokens = (count: number) => Array.from({ length: count }, (_, at) => at as Token);
const chunk = (count: number): BatchItem => ({ tokens: tokens(count), logits: [], evaluationPriority: 5 });
const writing = (): BatchItem => ({ tokens: tokens(1), logits: [true], evaluationPriority: 5 });

it('a batch takes every item of the one kind that waits, whole', () => {
  const next = createBatchOrder();
  const [a, b, c] = [writing(), writing(), chunk(64)];
  for (let batch = 0; batch < 3; batch++) {
    expect(next({ items: [a, b], size: 516 })).toEqual([
      { item: a, processAmount: 1 },
      { item: b, processAmount: 1 },
    ]);
  }
  for (let batch = 0; batch < 3; batch++) {
    expect(next({ items: [c], size: 516 })).toEqual([{ item: c, processAmount: 64 }]);
  }
});

it('written tokens and a chunk alternate, each in a batch of its own', () => {
  const next = createBatchOrder();
  const [a, b, c] = [writing(), writing(), chunk(64)];
  const batches = Array.from({ length: 6 }, () => next({ items: [a, c, b], size: 516 }).map(({ item }) => item));
  expect(batches).toEqual([[a, b], [c], [a, b], [c], [a, b], [c]]);
});

it('a chunk waits for one batch of written tokens at most', () => {
  const next = createBatchOrder();
  next({ items: [writing()], size: 516 });
  const late = chunk(64);
  expect(next({ items: [writing(), late], size: 516 }).map(({ item }) => item)).toEqual([late]);
});

it('a batch never exceeds its size and is never empty', () => {
  const next = createBatchOrder();
  expect(
    next({ items: [chunk(64), chunk(64), chunk(64)], size: 100 }).map(({ processAmount }) => processAmount),
  ).toEqual([64, 36]);
});
