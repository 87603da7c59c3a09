import { expect, test } from 'vitest';

import { oneAtATime } from './one-at-a-time.ts';

test('calls wait for each other, and a call that was replaced meanwhile is not made', async () => {
  const inTurn = oneAtATime();
  const made: string[] = [];
  const gates = new Map<string, () => void>();
  const call = (name: string) => () => {
    made.push(name);
    return new Promise<string>((resolve) => gates.set(name, () => resolve(name)));
  };
  const replaced = new AbortController();
  const first = inTurn(call('first'), new AbortController().signal);
  const second = inTurn(call('second'), replaced.signal);
  const third = inTurn(call('third'), new AbortController().signal);
  await Promise.resolve();
  expect(made).toEqual(['first']);
  replaced.abort();
  gates.get('first')?.();
  expect(await first).toBe('first');
  await expect(second).rejects.toThrow('aborted');
  gates.get('third')?.();
  await expect.poll(() => made).toEqual(['first', 'third']);
  gates.get('third')?.();
  expect(await third).toBe('third');
});

test('a call that fails does not stop the next one', async () => {
  const inTurn = oneAtATime();
  const { signal } = new AbortController();
  const failed = inTurn(() => Promise.reject(new Error('no')), signal);
  await expect(failed).rejects.toThrow('no');
  expect(await inTurn(() => Promise.resolve(1), signal)).toBe(1);
});
