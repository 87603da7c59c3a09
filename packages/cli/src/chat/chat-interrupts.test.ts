import { afterEach, expect, test, vi } from 'vitest';

import { ChatInterrupts } from './chat-interrupts.ts';

afterEach(() => {
  vi.useRealTimers();
});

const nothingTyped = () => false;

test('a Ctrl-C that was meant for an answer which has just ended does not leave the chat', async () => {
  vi.useFakeTimers();
  const interrupts = new ChatInterrupts();
  await interrupts.answering(() => Promise.resolve());
  vi.advanceTimersByTime(300);
  interrupts.interrupt(nothingTyped);
  expect(interrupts.leaving.aborted).toBe(false);
  vi.advanceTimersByTime(1000);
  interrupts.interrupt(nothingTyped);
  expect(interrupts.leaving.aborted).toBe(true);
});

test('the first one stops the answer, the second leaves', async () => {
  const interrupts = new ChatInterrupts();
  await interrupts.answering(async (signal) => {
    interrupts.interrupt(nothingTyped);
    expect([signal.aborted, interrupts.leaving.aborted]).toEqual([true, false]);
    interrupts.interrupt(nothingTyped);
    expect(interrupts.leaving.aborted).toBe(true);
  });
});

test('who leaves does not wait for an answer that stalls', async () => {
  const interrupts = new ChatInterrupts();
  const answering = interrupts.answering(() => new Promise<never>(() => undefined));
  interrupts.interrupt(nothingTyped);
  interrupts.interrupt(nothingTyped);
  await expect(answering).rejects.toBe(interrupts.leaving.reason);
});
