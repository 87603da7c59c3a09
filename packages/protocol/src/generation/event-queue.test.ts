import { expect, test, vi } from 'vitest';

import { EventQueue } from './event-queue.ts';
import { collect, sampleDone, samplePrefill, sampleToken } from '../testing.ts';

test('the queue returns events in order, whether they are pushed before or after the read', async () => {
  const queue = new EventQueue({ onReturn: () => undefined });
  const events = [samplePrefill(), sampleToken({ text: 'a' }), sampleToken({ text: 'b' }), sampleDone()];
  const reading = collect(queue);
  for (const event of events.slice(0, 2)) queue.push(event);
  await Promise.resolve();
  for (const event of events.slice(2)) queue.push(event);
  expect(await reading).toEqual(events);
});

test('every read after the last event returns the end', async () => {
  const onReturn = vi.fn();
  const queue = new EventQueue({ onReturn });
  queue.push(sampleDone({ remaining: 1 }));
  queue.push(sampleDone({ index: 1 }));
  queue.push(sampleToken());
  expect(await collect(queue)).toHaveLength(2);
  expect(await queue.next()).toEqual({ done: true, value: undefined });
  await queue.return();
  expect(onReturn).not.toHaveBeenCalled();
});

test('pending reads are answered in the order of their calls', async () => {
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

test('return() before the end calls onReturn once, and later reads return the end', async () => {
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

test('return() ends a pending read', async () => {
  const queue = new EventQueue({ onReturn: () => undefined });
  const waiting = queue.next();
  await queue.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('the queue merges unread events at its limit and loses no text', async () => {
  const queue = new EventQueue({ limit: 8, onReturn: () => undefined });
  const texts = Array.from({ length: 1000 }, (_, at) => `${at} `);
  queue.push(samplePrefill({ processed: 5 }));
  queue.push(samplePrefill({ processed: 10 }));
  for (const [at, text] of texts.entries()) queue.push(sampleToken({ seq: at + 1, text, completionTokens: at + 1 }));
  queue.push(sampleDone({ seq: 1001 }));
  const events = await collect(queue);
  expect(events.length).toBeLessThanOrEqual(9);
  const tokens = events.filter((event) => event.type === 'token');
  expect(tokens.map(({ text }) => text).join('')).toBe(texts.join(''));
  expect(tokens.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  expect(tokens.at(-1)?.completionTokens).toBe(1000);
});
