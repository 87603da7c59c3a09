import { expect, test, vi } from 'vitest';

import { EventQueue } from './event-queue.ts';
import type { GenerationEvent } from '../schema/events/event.ts';
import { sampleDone, samplePrefill, sampleToken } from '../testing.ts';

async function readAll(queue: EventQueue): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of queue) events.push(event);
  return events;
}

test('gives what was written, in order, before and after it was asked for', async () => {
  const queue = new EventQueue({ onReturn: () => undefined });
  const events = [samplePrefill(), sampleToken({ text: 'a' }), sampleToken({ text: 'b' }), sampleDone()];
  const reading = readAll(queue);
  for (const event of events.slice(0, 2)) queue.push(event);
  await Promise.resolve();
  for (const event of events.slice(2)) queue.push(event);
  expect(await reading).toEqual(events);
});

test('ends after the last event, however often it is asked', async () => {
  const onReturn = vi.fn();
  const queue = new EventQueue({ onReturn });
  queue.push(sampleDone({ remaining: 1 }));
  queue.push(sampleDone({ index: 1 }));
  queue.push(sampleToken());
  expect(await readAll(queue)).toHaveLength(2);
  expect(await queue.next()).toEqual({ done: true, value: undefined });
  await queue.return();
  expect(onReturn).not.toHaveBeenCalled();
});

test('several reads at once are answered in the order in which they were asked', async () => {
  const queue = new EventQueue({ onReturn: () => undefined });
  const first = queue.next();
  queue.push(sampleToken({ text: '1' }));
  const second = queue.next();
  const third = queue.next();
  queue.push(sampleToken({ text: '2' }));
  queue.push(sampleToken({ text: '3' }));
  const others = [queue.next(), queue.next()];
  queue.push(sampleDone());
  const taken = await Promise.all([first, second, third, ...others]);
  expect(taken.map(({ done, value }) => (done ? 'end' : value.type === 'token' ? value.text : value.type))).toEqual([
    '1',
    '2',
    '3',
    'done',
    'end',
  ]);
});

test('leaving early says so once and gives nothing more', async () => {
  const onReturn = vi.fn();
  const queue = new EventQueue({ onReturn });
  queue.push(sampleToken());
  queue.push(sampleToken());
  for await (const _event of queue) break;
  await queue.return();
  queue.push(sampleToken());
  expect(onReturn).toHaveBeenCalledOnce();
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});

test('leaving wakes a read that waits', async () => {
  const queue = new EventQueue({ onReturn: () => undefined });
  const waiting = queue.next();
  await queue.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('what waits unread is merged at the limit: bounded in number, whole in text', async () => {
  const queue = new EventQueue({ limit: 8, onReturn: () => undefined });
  const texts = Array.from({ length: 1000 }, (_, at) => `${at} `);
  queue.push(samplePrefill({ processed: 5 }));
  queue.push(samplePrefill({ processed: 10 }));
  for (const [at, text] of texts.entries()) queue.push(sampleToken({ seq: at + 1, text, completionTokens: at + 1 }));
  queue.push(sampleDone({ seq: 1001 }));
  const events = await readAll(queue);
  expect(events.length).toBeLessThanOrEqual(9);
  const tokens = events.filter((event) => event.type === 'token');
  expect(tokens.map(({ text }) => text).join('')).toBe(texts.join(''));
  expect(tokens.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  expect(tokens.at(-1)?.completionTokens).toBe(1000);
});
