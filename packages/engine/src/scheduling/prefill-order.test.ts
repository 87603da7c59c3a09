import { describe, expect, it } from 'vitest';

import { readingOrder } from './prefill-order.ts';

describe('readingOrder', () => {
  it('puts the shortest first among those that came together', () => {
    const readers = [400, 100, 200].map((remaining) => ({ since: 0, remaining }));
    expect(readingOrder(readers, 1)).toEqual([1, 2, 0]);
  });

  it('starves nobody: a long one is overtaken only by what came within its own reading time', () => {
    const long = { since: 0, remaining: 4000 };
    expect(readingOrder([long, { since: 3800, remaining: 100 }], 1)).toEqual([1, 0]);
    expect(readingOrder([long, { since: 4000, remaining: 100 }], 1)).toEqual([0, 1]);
  });

  it('keeps the order of arrival among equals', () => {
    expect(
      readingOrder(
        [
          { since: 5, remaining: 9 },
          { since: 5, remaining: 9 },
        ],
        2,
      ),
    ).toEqual([0, 1]);
  });
});
