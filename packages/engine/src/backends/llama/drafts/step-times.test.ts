import { expect, it } from 'vitest';

import { StepTimes } from './step-times.ts';

it('knows nothing of what it has not seen', () => {
  const times = new StepTimes();
  times.add(1, 5);
  expect([times.msOf(1), times.msOf(2)]).toEqual([5, null]);
});

it('tells the median of the latest steps, whatever came between', () => {
  const times = new StepTimes();
  for (const ms of [5, 5, 100, 5, 6, 100, 6, 6]) times.add(1, ms);
  expect(times.msOf(1)).toBe(6);
});

it('tells how long ago a size was used', () => {
  const times = new StepTimes();
  expect(times.age(1)).toBe(Number.POSITIVE_INFINITY);
  times.add(1, 5);
  times.add(3, 5);
  times.add(3, 5);
  expect([times.age(1), times.age(3)]).toEqual([2, 0]);
});

it('forgets a size that was not used for long, and starts it anew', () => {
  const times = new StepTimes();
  for (let step = 0; step < 5; step++) times.add(3, 40);
  for (let step = 0; step < 512; step++) times.add(1, 5);
  expect([times.msOf(1), times.msOf(3)]).toEqual([5, null]);
  times.add(3, 8);
  expect(times.msOf(3)).toBe(8);
});
