import { expect, test } from 'vitest';

import { stallWords } from './stall-words.ts';

test('a pause is told from four seconds on', () => {
  expect([null, 2000, 3000, 4000, 65_000].map(stallWords)).toEqual([
    null,
    null,
    null,
    'No progress for 4 s',
    'No progress for 1 min 5 s',
  ]);
});
