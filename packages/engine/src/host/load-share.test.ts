import { expect, test } from 'vitest';

import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { isNews, LoadShare } from './load-share.ts';

test('the first share and the whole are news, others once 100 ms have passed', () => {
  expect(isNews(0.1, null)).toBe(true);
  expect(isNews(0.2, { value: 0.1, ms: 99 })).toBe(false);
  expect(isNews(0.2, { value: 0.1, ms: 100 })).toBe(true);
  expect(isNews(1, { value: 0.1, ms: 0 })).toBe(true);
});

test('a share that does not rise is no news', () => {
  expect(isNews(0.1, { value: 0.1, ms: 1000 })).toBe(false);
  expect(isNews(1, { value: 1, ms: 1000 })).toBe(false);
});

test('listeners get shares that only rise, until they leave', async () => {
  const clock = createVirtualClock();
  const share = new LoadShare(clock);
  const seen: number[] = [];
  const leave = share.listen((loaded) => seen.push(loaded));
  for (const loaded of [0.2, 0.1, 0.4]) {
    share.set(loaded);
    await clock.advance(100);
  }
  leave();
  share.set(1);
  expect(seen).toEqual([0.2, 0.4]);
  expect(share.value).toBe(1);
});
