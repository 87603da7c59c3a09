import { expect, test } from 'vitest';

import { BufferedBytes } from './buffered-bytes.ts';

test('BufferedBytes refuses bytes beyond the limit of an account or of all, until a reservation is released', () => {
  const buffered = new BufferedBytes({ bytesEach: 100, bytes: 150 });
  const [one, two, three] = [buffered.reserve(), buffered.reserve(), buffered.reserve()];
  expect(one.resize('a', 60)).toBe(true);
  expect(two.resize('a', 41)).toBe(false);
  expect(two.resize('a', 40)).toBe(true);
  expect(three.resize('b', 51)).toBe(false);
  expect(three.resize('b', 50)).toBe(true);
  expect([buffered.of('a'), buffered.of('b'), buffered.total]).toEqual([100, 50, 150]);
  one.release();
  one.release();
  expect(three.resize('b', 100)).toBe(true);
  expect(three.resize('b', 5)).toBe(true);
  two.release();
  three.release();
  expect([buffered.of('a'), buffered.of('b'), buffered.total]).toEqual([0, 0, 0]);
});

test('a reservation that changes its account counts against the new account alone', () => {
  const buffered = new BufferedBytes({ bytesEach: 100, bytes: 100 });
  const one = buffered.reserve();
  one.resize('address', 80);
  expect(one.resize('key', 90)).toBe(true);
  expect([buffered.of('address'), buffered.of('key'), buffered.total]).toEqual([0, 90, 90]);
});
