import { expect, test } from 'vitest';

import { AccountCounter } from './account-counter.ts';

test('AccountCounter counts each account and the total, and subtracts each addition once', () => {
  const counter = new AccountCounter();
  const releases = ['a', 'a', 'b'].map((account) => counter.add(account));
  expect([counter.of('a'), counter.of('b'), counter.of('c'), counter.total]).toEqual([2, 1, 0, 3]);
  releases[0]?.();
  releases[0]?.();
  expect([counter.of('a'), counter.total]).toEqual([1, 2]);
  for (const release of releases) release();
  expect([counter.of('a'), counter.of('b'), counter.total]).toEqual([0, 0, 0]);
});
