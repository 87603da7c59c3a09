import { afterEach, expect, test, vi } from 'vitest';

import { ChatInterrupts } from './chat-interrupts.ts';

afterEach(() => {
  vi.useRealTimers();
});

const nothingTyped = () => false;

test('a Ctrl-C just after an answer ended does not leave the chat', async () => {
  vi.useFakeTimers();
  const interrupts = new ChatInterrupts();
  await interrupts.answering(() => Promise.resolve());
  vi.advanceTimersByTime(300);
  interrupts.interrupt(nothingTyped);
  expect(interrupts.ending.aborted).toBe(false);
  vi.advanceTimersByTime(1000);
  interrupts.interrupt(nothingTyped);
  expect(interrupts.ending.aborted).toBe(true);
});

test('the first Ctrl-C stops the answer, the second leaves the chat', async () => {
  const interrupts = new ChatInterrupts();
  await interrupts.answering(async (signal) => {
    interrupts.interrupt(nothingTyped);
    expect([signal.aborted, interrupts.ending.aborted]).toEqual([true, false]);
    interrupts.interrupt(nothingTyped);
    expect(interrupts.ending.aborted).toBe(true);
  });
});

test('ending the chat does not wait for a stalled answer', async () => {
  const interrupts = new ChatInterrupts();
  const answering = interrupts.answering(() => new Promise<never>(() => undefined));
  interrupts.interrupt(nothingTyped);
  interrupts.interrupt(nothingTyped);
  await expect(answering).rejects.toBe(interrupts.ending.reason);
});
