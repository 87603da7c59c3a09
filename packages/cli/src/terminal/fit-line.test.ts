import { expect, test } from 'vitest';

import { fitLine } from './fit-line.ts';

test.each([
  ['writing', 7, 'writing'],
  ['writing', 6, 'writi…'],
  ['预填充是', 8, '预填充是'],
  ['预填充是', 7, '预填充…'],
  ['预填充是', 6, '预填…'],
  ['👩‍👩‍👧 ok', 3, '👩‍👩‍👧…'],
  ['a', 1, 'a'],
  ['ab', 1, '…'],
  ['ab', 0, ''],
])('%s in %i columns is %s', (line, columns, fitted) => {
  expect(fitLine(line, columns)).toBe(fitted);
});
