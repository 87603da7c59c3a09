import { expect, test } from 'vitest';

import { goesBefore } from './queue-order.ts';

const queued = (priority: number, arrival: number) => ({ prompt: { total: 10, request: { priority } }, arrival });

test('the higher priority goes first, and of equal ones the request that came earlier', () => {
  const requests = [queued(0, 1), queued(1, 3), queued(0, 2), queued(-1, 0)];
  const order = requests.toSorted((a, b) => (goesBefore(a, b) ? -1 : 1)).map(({ arrival }) => arrival);
  expect(order).toEqual([3, 1, 2, 0]);
});

test('no request goes before itself', () => {
  expect(goesBefore(queued(1, 1), queued(1, 1))).toBe(false);
});
