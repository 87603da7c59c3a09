import { expect, test } from 'vitest';

import { ReadingBrake } from './reading-brake.ts';

test('a client is read from again once the last reason not to has gone', () => {
  const calls: string[] = [];
  const brake = new ReadingBrake({ pause: () => void calls.push('pause'), resume: () => void calls.push('resume') });
  brake.release('turn');
  brake.hold('turn');
  brake.hold('unread');
  brake.release('turn');
  expect([calls, brake.holds('turn'), brake.holds('unread')]).toEqual([['pause', 'pause'], false, true]);
  brake.release('unread');
  brake.release('unread');
  expect(calls).toEqual(['pause', 'pause', 'resume']);
});
