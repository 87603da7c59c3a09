import { expect, it } from 'vitest';

import { restartDelayMs } from './restart-delay.ts';

it('restartDelayMs grows from 0.1 s by a factor of 4 up to 30 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 1000].map(restartDelayMs)).toEqual([
    100, 400, 1600, 6400, 25_600, 30_000, 30_000, 30_000,
  ]);
});
