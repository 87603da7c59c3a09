import { expect, test } from 'vitest';

import { Tally } from './tally.ts';

test('counts each holder and all, and lets go once', () => {
  const tally = new Tally();
  const releases = ['a', 'a', 'b'].map((holder) => tally.hold(holder));
  expect([tally.of('a'), tally.of('b'), tally.of('c'), tally.all]).toEqual([2, 1, 0, 3]);
  releases[0]?.();
  releases[0]?.();
  expect([tally.of('a'), tally.all]).toEqual([1, 2]);
  for (const release of releases) release();
  expect([tally.of('a'), tally.of('b'), tally.all]).toEqual([0, 0, 0]);
});
