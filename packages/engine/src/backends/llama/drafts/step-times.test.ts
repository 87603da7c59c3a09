import { expect, it } from 'vitest';

import { StepTimes } from './step-times.ts';

it('a size without steps has no time', () => {
  const times = new StepTimes();
  times.add(1, 5);
  expect([times.msOf(1), times.msOf(2)]).toEqual([5, null]);
});

it('the time of a size is the median of its latest steps', () => {
  const times = new StepTimes();
  for (const ms of [5, 5, 100, 5, 6, 100, 6, 6]) times.add(1, ms);
  expect(times.msOf(1)).toBe(6);
});

it('the age counts the steps since a size was used', () => {
  const times = new StepTimes();
  expect(times.age(1)).toBe(Number.POSITIVE_INFINITY);
  times.add(1, 5);
  times.add(3, 5);
  times.add(3, 5);
  expect([times.age(1), times.age(3)]).toEqual([2, 0]);
});

it('forgets the times of a size that was not used for 512 steps', () => {
  const times = new StepTimes();
  for (let step = 0; step < 5; step++) times.add(3, 40);
  for (let step = 0; step < 512; step++) times.add(1, 5);
  expect([times.msOf(1), times.msOf(3)]).toEqual([5, null]);
  times.add(3, 8);
  expect(times.msOf(3)).toBe(8);
});
