// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { sleepUntilOnline } from './sleep.ts';

const hour = 3_600_000;

test('sleepUntilOnline resolves at the online event', async () => {
  const { signal } = new AbortController();
  const sleeping = sleepUntilOnline(hour, signal);
  window.dispatchEvent(new Event('online'));
  await expect(sleeping).resolves.toBeUndefined();
});

test('sleepUntilOnline resolves after its time, and rejects when the signal aborts', async () => {
  await sleepUntilOnline(1, new AbortController().signal);
  const stop = new AbortController();
  const sleeping = sleepUntilOnline(hour, stop.signal);
  stop.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
});
