import { expect, test } from 'vitest';

import { PausableSocket } from './pausable-socket.ts';

test('PausableSocket resumes once the last reason to pause is gone', () => {
  const calls: string[] = [];
  const reading = new PausableSocket({
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
  });
  reading.resume('read-budget');
  reading.pause('read-budget');
  reading.pause('unread');
  reading.resume('read-budget');
  expect([calls, reading.isPausedFor('read-budget'), reading.isPausedFor('unread')]).toEqual([
    ['pause', 'pause'],
    false,
    true,
  ]);
  reading.resume('unread');
  reading.resume('unread');
  expect(calls).toEqual(['pause', 'pause', 'resume']);
});
