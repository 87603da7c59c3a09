import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { firstSnapshot } from '../progress-snapshot.ts';
import { createStatusTicker } from './status-ticker.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('the ticker writes a line at once, every few seconds and at the end, and then stops its timer', () => {
  const lines: string[] = [];
  const ticker = createStatusTicker((line) => lines.push(line), { every: 5000 });
  ticker.update({ ...firstSnapshot({}), queuePosition: 3 });
  expect(lines).toEqual(['Queued, 3rd']);
  vi.advanceTimersByTime(9999);
  ticker.update({ ...firstSnapshot({}), phase: 'decode', completionTokens: 2 });
  vi.advanceTimersByTime(1);
  expect(lines).toEqual(['Queued, 3rd', 'Queued, 3rd', 'Writing: 2 tokens']);
  ticker.update({ ...firstSnapshot({}), phase: 'ended', isFinal: true, outcome: 'stop', completionTokens: 9 });
  expect(lines.at(-1)).toBe('Done: 9 tokens');
  expect(vi.getTimerCount()).toBe(0);
});
