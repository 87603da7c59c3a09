import { expect, test } from 'vitest';

import { lostSpeed } from './lost-speed.ts';

const modelWith = (...times: [threads: number, ms: number][]) => ({
  id: 'tiny',
  binary: 'prebuilt' as const,
  device: 'cpu',
  decodeTrials: times.map(([threads, ms]) => ({ threads, ms })),
});

test.each([
  ['two threads are hardly faster than one', modelWith([1, 0.9], [2, 0.8]), [1, 2]],
  ['two threads are as slow as one', modelWith([1, 0.9], [2, 1]), [1, 2]],
  ['two threads are nearly twice as fast', modelWith([1, 40], [2, 22]), null],
  ['more threads are held up by other programs', modelWith([1, 2], [2, 5]), null],
  ['a step is too long to be lost by threads', modelWith([1, 40], [2, 34]), null],
  ['two threads were given up', modelWith([1, 2]), null],
  ['nothing was measured', modelWith(), null],
  ['the least counts scale well, and the largest do not', modelWith([1, 40], [2, 21], [8, 18]), null],
  ['the least counts of many cores were given up', modelWith([4, 3], [8, 2.9]), [4, 8]],
  ['a GPU computes', { ...modelWith([1, 0.9], [2, 0.8]), device: 'vulkan' }, null],
  ['a build runs', { ...modelWith([1, 0.9], [2, 0.8]), binary: 'built' as const }, null],
])('where %s', (_what, model, threads) => {
  const lost = lostSpeed([model]);
  expect(lost && [lost.fewer.threads, lost.more.threads]).toEqual(threads);
});

test('the first model that shows it is named', () => {
  const second = { ...modelWith([1, 0.9], [2, 0.8]), id: 'second' };
  expect(lostSpeed([modelWith([1, 40], [2, 22]), second])?.model).toBe('second');
});
