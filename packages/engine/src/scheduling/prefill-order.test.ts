import { describe, expect, it } from 'vitest';

import { prefillOrder } from './prefill-order.ts';

describe('prefillOrder', () => {
  it('puts the shortest first among prompts that arrived together', () => {
    const waiting = [400, 100, 200].map((remaining) => ({ since: 0, remaining }));
    expect(prefillOrder(waiting, 1)).toEqual([1, 2, 0]);
  });

  it('lets a long prompt be overtaken only by prompts that arrive within its own prefill time', () => {
    const long = { since: 0, remaining: 4000 };
    expect(prefillOrder([long, { since: 3800, remaining: 100 }], 1)).toEqual([1, 0]);
    expect(prefillOrder([long, { since: 4000, remaining: 100 }], 1)).toEqual([0, 1]);
  });

  it('keeps the order of arrival among equal prompts', () => {
    expect(
      prefillOrder(
        [
          { since: 5, remaining: 9 },
          { since: 5, remaining: 9 },
        ],
        2,
      ),
    ).toEqual([0, 1]);
  });
});
