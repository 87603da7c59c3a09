import { getEventListeners } from 'node:events';

import { expect, test } from 'vitest';

import { untilOver } from './until-over.ts';

async function* values(...all: number[]) {
  for (const value of all) {
    if (value < 0) throw new Error('negative');
    yield value;
  }
}

function watched(all: AsyncIterable<number>, abort = new AbortController()) {
  let over = 0;
  return { abort, all: untilOver(all, { signal: abort.signal, onOver: () => over++ }), over: () => over };
}

test.each<[string, (w: ReturnType<typeof watched>) => Promise<unknown>]>([
  [
    'all are read',
    async ({ all }) => {
      for await (const _ of all);
    },
  ],
  [
    'the reader leaves',
    async ({ all }) => {
      for await (const _ of all) break;
    },
  ],
  ['the signal aborts before anybody reads', async ({ abort }) => abort.abort()],
  [
    'the reader leaves before the first, as tRPC does',
    async ({ all }) => all[Symbol.asyncIterator]().return?.(undefined),
  ],
])('is over once when %s', async (_what, read) => {
  const stream = watched(values(1, 2, 3));
  expect(stream.over()).toBe(0);
  await read(stream);
  expect(stream.over()).toBe(1);
  expect(getEventListeners(stream.abort.signal, 'abort')).toEqual([]);
});

test('is over when one throws, and the reader hears of it', async () => {
  const { all, over } = watched(values(1, -1));
  const read: number[] = [];
  await expect(
    (async () => {
      for await (const value of all) read.push(value);
    })(),
  ).rejects.toThrow('negative');
  expect(read).toEqual([1]);
  expect(over()).toBe(1);
});
