import { expect, test } from 'vitest';

import { HeldBytes } from './held-bytes.ts';

test('each account has its share, all together have theirs, and what is let go makes room', () => {
  const held = new HeldBytes({ bytesEach: 100, bytes: 150 });
  const [one, two, three] = [held.open(), held.open(), held.open()];
  expect(one.hold('a', 60)).toBe(true);
  expect(two.hold('a', 41)).toBe(false);
  expect(two.hold('a', 40)).toBe(true);
  expect(three.hold('b', 51)).toBe(false);
  expect(three.hold('b', 50)).toBe(true);
  expect([held.of('a'), held.of('b'), held.all]).toEqual([100, 50, 150]);
  one.release();
  one.release();
  expect(three.hold('b', 100)).toBe(true);
  expect(three.hold('b', 5)).toBe(true);
  two.release();
  three.release();
  expect([held.of('a'), held.of('b'), held.all]).toEqual([0, 0, 0]);
});

test('what turns out to be another one’s counts as theirs', () => {
  const held = new HeldBytes({ bytesEach: 100, bytes: 100 });
  const one = held.open();
  one.hold('address', 80);
  expect(one.hold('key', 90)).toBe(true);
  expect([held.of('address'), held.of('key'), held.all]).toEqual([0, 90, 90]);
});
