import { expect, test } from 'vitest';

import { pauseAfter } from './pace.ts';

test('a render that costs much is followed by a pause three times as long, up to a second', () => {
  expect([0, 4, 40, 900].map(pauseAfter)).toEqual([0, 12, 120, 1000]);
});
