import type { BatchItem, Token } from 'node-llama-cpp';
import { expect, it } from 'vitest';

import { createBatchOrder } from './batch-order.ts';

const tokens = (count: number) => Array.from({ length: count }, (_, at) => at as Token);
const chunk = (count: number): BatchItem => ({ tokens: tokens(count), logits: [], evaluationPriority: 5 });
const writing = (): BatchItem => ({ tokens: tokens(1), logits: [true], evaluationPriority: 5 });

it('takes whatever waits alone, whole', () => {
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

it('lets those who write and a chunk take turns, each with a batch of its own', () => {
  const next = createBatchOrder();
  const [a, b, c] = [writing(), writing(), chunk(64)];
  const turns = Array.from({ length: 6 }, () => next({ items: [a, c, b], size: 516 }).map(({ item }) => item));
  expect(turns).toEqual([[a, b], [c], [a, b], [c], [a, b], [c]]);
});

it('does not make a chunk wait for a second batch of others that came just before it', () => {
  const next = createBatchOrder();
  next({ items: [writing()], size: 516 });
  const late = chunk(64);
  expect(next({ items: [writing(), late], size: 516 }).map(({ item }) => item)).toEqual([late]);
});

it('takes no more than the batch holds, and never nothing', () => {
  const next = createBatchOrder();
  expect(
    next({ items: [chunk(64), chunk(64), chunk(64)], size: 100 }).map(({ processAmount }) => processAmount),
  ).toEqual([64, 36]);
});
