import { deferred } from '@headway/protocol';
import { expect, it } from 'vitest';

import type { BatchItem } from './batch-item.ts';
import { BatchLoop } from './batch-loop.ts';
import type { ContextBindings } from './context-bindings.ts';
import { OneAtATime } from './one-at-a-time.ts';

/** A context that records its batches, and computes each when the test says so. */
function openLoop({ inOrder = false, size = 8, alone }: { inOrder?: boolean; size?: number; alone?: OneAtATime } = {}) {
  const log: string[] = [];
  const computing: { resolve: () => void; reject: (reason: unknown) => void }[] = [];
  let outputs = 0;
  let threads = 0;
  const context: ContextBindings = {
    setThreads: (count) => void (threads = count),
    initBatch(tokens) {
      outputs = 0;
      log.push(`${tokens} with ${threads}`);
    },
    addToBatch(sequenceId, position, tokens, drawAt) {
      log.push(`${sequenceId}@${position}+${tokens.length}`);
      const places = Array.from(drawAt, (at) => outputs + at);
      outputs += tokens.length;
      return Uint32Array.from(places);
    },
    decodeBatch() {
      const { promise, resolve, reject } = deferred();
      computing.push({ resolve, reject });
      return promise;
    },
    sampleToken: (): Promise<never> => Promise.reject(new Error('the items of this test draw themselves')),
  };
  const loop = new BatchLoop({ context, size, threads: { decode: 1, prefill: 2 }, inOrder, ...(alone && { alone }) });
  const nextBatch = async () => {
    await expect.poll(() => computing.length, { timeout: 20_000 }).toBeGreaterThan(0);
    const [batch] = computing.splice(0);
    if (!batch) throw new Error('no batch is computed');
    return batch;
  };
  return { loop, log, nextBatch };
}

/** An item that ends with what was drawn, or with its failure. */
function newItem(over: Partial<BatchItem> & Pick<BatchItem, 'sequenceId'>) {
  const { promise, resolve, reject } = deferred<unknown[]>();
  promise.catch(() => undefined);
  const item: BatchItem = {
    work: over.drawAt?.length === 0 ? 'prefill' : 'decode',
    position: 0,
    tokens: [7],
    drawAt: [0],
    draw: (output) => Promise.resolve(output),
    done: resolve,
    failed: (reason, evaluated) => reject(Object.assign(new Error('failed'), { cause: reason, evaluated })),
    ...over,
  };
  return { item, ended: promise };
}

it('answers that go on are decoded in one batch, however long each draw takes', async () => {
  const { loop, log, nextBatch } = openLoop();
  const ended: Promise<unknown>[] = [];
  for (const sequenceId of [0, 1, 2]) {
    ended.push(
      new Promise<void>((resolve) => {
        const write = (position: number) =>
          loop.add({
            ...newItem({ sequenceId }).item,
            position,
            draw: async () => {
              for (let turn = 0; turn < sequenceId; turn++) await new Promise(setImmediate);
            },
            done: () => (position < 2 ? write(position + 1) : resolve()),
          });
        write(0);
      }),
    );
  }
  for (let batch = 0; batch < 3; batch++) (await nextBatch()).resolve();
  await Promise.all(ended);
  await loop.idle();
  expect(log).toEqual([0, 1, 2].flatMap((at) => ['3 with 1', `0@${at}+1`, `1@${at}+1`, `2@${at}+1`]));
});

it('a long item takes several batches and reports each, with the threads of its work', async () => {
  const { loop, log, nextBatch } = openLoop({ size: 8 });
  const counts: number[] = [];
  const tokens = Array.from({ length: 20 }, (_, at) => at);
  const { item, ended } = newItem({
    sequenceId: 3,
    position: 100,
    tokens,
    drawAt: [],
    evaluated: (count) => counts.push(count),
  });
  loop.add(item);
  for (let batch = 0; batch < 3; batch++) (await nextBatch()).resolve();
  expect(await ended).toEqual([]);
  expect(counts).toEqual([8, 8, 4]);
  expect(log).toEqual(['8 with 2', '3@100+8', '8 with 2', '3@108+8', '4 with 2', '3@116+4']);
});

it('each draw of an item gets its place in the batch and the index of its token', async () => {
  const { loop, nextBatch } = openLoop();
  const draw = (output: number, at: number) => Promise.resolve(`${output}/${at}`);
  const first = newItem({ sequenceId: 0, tokens: [1, 2], drawAt: [1], draw });
  const second = newItem({ sequenceId: 1, tokens: [1, 2, 3], drawAt: [0, 2], draw });
  loop.add(first.item);
  loop.add(second.item);
  (await nextBatch()).resolve();
  expect(await Promise.all([first.ended, second.ended])).toEqual([['1/1'], ['2/0', '4/2']]);
});

it('where jobs run in order, a draw that is a job is queued behind the batch at once', async () => {
  const { loop, nextBatch } = openLoop({ inOrder: true });
  const drawn: string[] = [];
  const draw = (name: string) => () => {
    drawn.push(name);
    return Promise.resolve(name);
  };
  const [job, other] = [
    newItem({ sequenceId: 0, draw: draw('job'), drawsInJob: true }),
    newItem({ sequenceId: 1, draw: draw('other') }),
  ];
  loop.add(job.item);
  loop.add(other.item);
  const batch = await nextBatch();
  expect(drawn).toEqual(['job']);
  batch.resolve();
  expect(await Promise.all([job.ended, other.ended])).toEqual([['job'], ['other']]);
});

it("a failed draw is its item's alone, whose tokens are in memory", async () => {
  const { loop, nextBatch } = openLoop();
  const bad = newItem({ sequenceId: 0, draw: () => Promise.reject(new Error('empty grammar')) });
  const good = newItem({ sequenceId: 1 });
  loop.add(bad.item);
  loop.add(good.item);
  (await nextBatch()).resolve();
  await expect(bad.ended).rejects.toMatchObject({ cause: { message: 'empty grammar' }, evaluated: 1 });
  expect(await good.ended).toEqual([1]);
});

it.each([false, true])(
  'of a failed batch each item is computed alone, and fails alone (in order: %s)',
  async (inOrder) => {
    const { loop, log, nextBatch } = openLoop({ inOrder });
    const bad = newItem({ sequenceId: 0, position: 9, drawsInJob: true });
    const others = [newItem({ sequenceId: 1, drawsInJob: true }), newItem({ sequenceId: 2 })];
    for (const { item } of [bad, ...others]) loop.add(item);
    (await nextBatch()).reject(new Error('no room'));
    (await nextBatch()).reject(new Error('no room for this one'));
    await expect(bad.ended).rejects.toMatchObject({ cause: { message: 'no room for this one' }, evaluated: 0 });
    for (const { ended } of others) {
      (await nextBatch()).resolve();
      expect(await ended).toEqual([0]);
    }
    const alone = [0, 1, 2].map((at) => ['1 with 1', `${at}@${at === 0 ? 9 : 0}+1`]);
    expect(log).toEqual(['3 with 1', '0@9+1', '1@0+1', '2@0+1', ...alone.flat()]);
    const next = newItem({ sequenceId: 0 });
    loop.add(next.item);
    (await nextBatch()).resolve();
    expect(await next.ended).toEqual([0]);
  },
);

it('an item whose second batch fails has the tokens of the first in memory', async () => {
  const { loop, nextBatch } = openLoop({ size: 8 });
  const long = newItem({
    sequenceId: 0,
    tokens: Array.from({ length: 10 }, (_, at) => at),
    drawAt: [9],
    work: 'prefill',
  });
  loop.add(long.item);
  (await nextBatch()).resolve();
  (await nextBatch()).reject(new Error('no room'));
  await expect(long.ended).rejects.toMatchObject({ cause: { message: 'no room' }, evaluated: 8 });
});

it('an answer whose draw behind a failed batch cannot be repeated fails with the batch', async () => {
  const { loop, log, nextBatch } = openLoop({ inOrder: true });
  let draws = 0;
  const once = { drawsInJob: true, drawsOnce: true, draw: () => Promise.resolve(++draws) };
  const [held, free] = [newItem({ sequenceId: 0, ...once }), newItem({ sequenceId: 1, drawsInJob: true })];
  for (const { item } of [held, free]) loop.add(item);
  (await nextBatch()).reject(new Error('no room'));
  await expect(held.ended).rejects.toMatchObject({ cause: { message: 'no room' }, evaluated: 0 });
  (await nextBatch()).resolve();
  expect([await free.ended, draws]).toEqual([[0], 1]);
  expect(log).toEqual(['2 with 1', '0@0+1', '1@0+1', '1 with 1', '1@0+1']);
});

it('memory changes run one at a time between batches, and may evaluate tokens of their sequence', async () => {
  const { loop, log, nextBatch } = openLoop();
  const running = newItem({ sequenceId: 2 });
  loop.add(running.item);
  const batch = await nextBatch();
  const change = (sequenceId: number) =>
    loop.change(sequenceId, async () => {
      log.push(`changing ${sequenceId}`);
      const { item, ended } = newItem({ sequenceId, tokens: [1, 2], drawAt: [] });
      loop.add(item);
      // As node-llama-cpp does where it takes a checkpoint after it restored another.
      await loop.change(sequenceId, () => ended);
      log.push(`changed ${sequenceId}`);
    });
  const changes = [change(0), change(1)];
  const later = newItem({ sequenceId: 3 });
  loop.add(later.item);
  batch.resolve();
  for (let at = 0; at < 3; at++) (await nextBatch()).resolve();
  await Promise.all([...changes, running.ended, later.ended]);
  expect(log.filter((line) => !line.includes('with'))).toEqual([
    '2@0+1',
    'changing 0',
    '0@0+2',
    'changed 0',
    'changing 1',
    '1@0+2',
    'changed 1',
    '3@0+1',
  ]);
});

it('a failed memory change does not hold the others', async () => {
  const { loop, nextBatch } = openLoop();
  const failing = loop.change(0, () => Promise.reject(new Error('gone')));
  const { item, ended } = newItem({ sequenceId: 1 });
  loop.add(item);
  await expect(failing).rejects.toThrow('gone');
  (await nextBatch()).resolve();
  expect(await ended).toEqual([0]);
});

it('an answer that drafts shares every batch, though its next tokens come a few microtasks later', async () => {
  const { loop, log, nextBatch } = openLoop();
  const ended: Promise<unknown>[] = [];
  for (const [sequenceId, microtasks] of [0, 10].entries()) {
    ended.push(
      new Promise<void>((resolve) => {
        const write = (position: number) =>
          loop.add({
            ...newItem({ sequenceId }).item,
            position,
            drawsInJob: microtasks === 0,
            done() {
              let later = Promise.resolve();
              for (let at = 0; at < microtasks; at++) later = later.then(() => undefined);
              const goOn = () => (position < 2 ? write(position + 1) : resolve());
              if (microtasks === 0) goOn();
              else void later.then(goOn);
            },
          });
        write(0);
      }),
    );
  }
  for (let batch = 0; batch < 3; batch++) (await nextBatch()).resolve();
  await Promise.all(ended);
  expect(log.filter((line) => line.includes('with'))).toEqual(['2 with 1', '2 with 1', '2 with 1']);
});

it('loops that share a lock compute one batch at a time', async () => {
  const alone = new OneAtATime();
  const [one, other] = [openLoop({ alone }), openLoop({ alone })];
  const [first, second] = [newItem({ sequenceId: 0 }), newItem({ sequenceId: 0 })];
  one.loop.add(first.item);
  other.loop.add(second.item);
  const batch = await one.nextBatch();
  await new Promise(setImmediate);
  expect(other.log).toEqual([]);
  batch.resolve();
  (await other.nextBatch()).resolve();
  expect(await Promise.all([first.ended, second.ended])).toEqual([[0], [0]]);
});
