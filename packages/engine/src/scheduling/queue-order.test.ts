import { expect, test } from 'vitest';

import { goesBefore } from './queue-order.ts';

test('the higher priority goes first, and of equal ones the request that came earlier', () => {
  const requests = [
    { priority: 0, arrival: 1 },
    { priority: 1, arrival: 3 },
    { priority: 0, arrival: 2 },
    { priority: -1, arrival: 0 },
  ];
  const order = requests.toSorted((a, b) => (goesBefore(a, b) ? -1 : 1)).map(({ arrival }) => arrival);
  expect(order).toEqual([3, 1, 2, 0]);
});

test('no request goes before itself', () => {
  expect(goesBefore({ priority: 1, arrival: 1 }, { priority: 1, arrival: 1 })).toBe(false);
});
