import { getEventListeners } from 'node:events';

import { expect, test } from 'vitest';

import { withEndCallback } from './with-end-callback.ts';

async function* values(...all: number[]) {
  for (const value of all) {
    if (value < 0) throw new Error('negative');
    yield value;
  }
}

function countEnds(all: AsyncIterable<number>, abort = new AbortController()) {
  let ends = 0;
  return { abort, all: withEndCallback(all, { signal: abort.signal, onEnd: () => ends++ }), ends: () => ends };
}

test.each<[string, (stream: ReturnType<typeof countEnds>) => Promise<unknown>]>([
  [
    'the consumer has read all values',
    async ({ all }) => {
      for await (const _ of all);
    },
  ],
  [
    'the consumer stops early',
    async ({ all }) => {
      for await (const _ of all) break;
    },
  ],
  ['the signal aborts before the first value', async ({ abort }) => abort.abort()],
  [
    'the signal aborts and the consumer then returns',
    async ({ abort, all }) => {
      const iterator = all[Symbol.asyncIterator]();
      abort.abort();
      await iterator.return?.(undefined);
    },
  ],
  [
    'the consumer reads the end and then returns',
    async ({ all }) => {
      const iterator = all[Symbol.asyncIterator]();
      while (!(await iterator.next()).done);
      await iterator.return?.(undefined);
    },
  ],
  [
    'the consumer returns before the first value, as tRPC does',
    async ({ all }) => all[Symbol.asyncIterator]().return?.(undefined),
  ],
])('withEndCallback calls onEnd once when %s', async (_what, read) => {
  const stream = countEnds(values(1, 2, 3));
  expect(stream.ends()).toBe(0);
  await read(stream);
  expect(stream.ends()).toBe(1);
  expect(getEventListeners(stream.abort.signal, 'abort')).toEqual([]);
});

test('withEndCallback calls onEnd when the stream throws, and passes the error on', async () => {
  const { all, ends } = countEnds(values(1, -1));
  const read: number[] = [];
  await expect(
    (async () => {
      for await (const value of all) read.push(value);
    })(),
  ).rejects.toThrow('negative');
  expect(read).toEqual([1]);
  expect(ends()).toBe(1);
});
