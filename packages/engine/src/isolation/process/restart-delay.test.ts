import { expect, it } from 'vitest';

import { restartDelayMs } from './restart-delay.ts';

it('comes back at once, then later and later, and at last every half minute', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 1000].map(restartDelayMs)).toEqual([
    100, 400, 1600, 6400, 25_600, 30_000, 30_000, 30_000,
  ]);
});
