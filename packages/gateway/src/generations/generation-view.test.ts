import { PassThrough } from 'node:stream';

import type { GenerationEvent } from '@headway/protocol';
import { sampleDone, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { describe, expect, test, vi } from 'vitest';

import { ConnectionPace } from './connection/connection-pace.ts';
import { EventJson } from './event-json.ts';
import { GenerationView } from './generation-view.ts';
import { ImmediateQueue } from './immediate-queue.ts';
import { MemoryLog } from './log/memory-log.ts';

/** A generation's log, and views of it that share one connection. */
function setUp(events: readonly GenerationEvent[] = []) {
  const log = new MemoryLog({ maxBytes: 1024 * 1024 });
  for (const event of events) log.append(event);
  const stream = new PassThrough({ highWaterMark: 4 });
  const connection = new ConnectionPace(stream);
  const immediates = new ImmediateQueue();
  const open = () => {
    const onClose = vi.fn();
    const ended = () => log.lastSeq === 2;
    const view = new GenerationView({ connection }, { log, immediates, json: new EventJson(), ended, onClose });
    return { view, onClose };
  };
  return { log, stream, connection, open };
}

const events = [samplePrefill({ seq: 0 }), sampleToken({ seq: 1 }), sampleDone({ seq: 2 })];
const nextIteration = () => new Promise((resolve) => setImmediate(resolve));

describe('forEach of a view', () => {
  test('sends the events that are there and later ones, and closes at the end', async () => {
    const { log, open } = setUp(events.slice(0, 1));
    const { view, onClose } = open();
    const sent: GenerationEvent[] = [];
    const sending = view.forEach((event, json) => {
      expect(json.of(event)).toBe(JSON.stringify(event));
      sent.push(event);
    });
    expect(sent).toEqual(events.slice(0, 1));
    for (const event of events.slice(1)) {
      log.append(event);
      await nextIteration();
    }
    await sending;
    expect(sent).toEqual(events);
    expect(onClose.mock.calls).toEqual([[view, 'on-purpose']]);
  });

  test('resolves once `send` returns false, leaves the view open, and gives up its turn', async () => {
    const { connection, open } = setUp(events);
    const { view, onClose } = open();
    const seen: number[] = [];
    await view.forEach(({ seq }) => {
      seen.push(seq);
      return seq < 1;
    });
    expect(seen).toEqual([0, 1]);
    expect(onClose).not.toHaveBeenCalled();
    expect(connection.enter()).toBe(true);
  });

  test('rejects with what `send` throws, closes the view, and the next stream gets its turn', async () => {
    const { connection, open } = setUp(events);
    const { view, onClose } = open();
    let turn: true | Promise<boolean> | undefined;
    const sending = view.forEach(() => {
      turn = connection.enter();
      throw new Error('not sent');
    });
    await expect(sending).rejects.toThrow('not sent');
    expect(onClose.mock.calls).toEqual([[view, 'dropped']]);
    // It waited while the view sent.
    expect(turn).toBeInstanceOf(Promise);
    expect(await turn).toBe(true);
    connection.exit();
    const other = open();
    const seen: number[] = [];
    await other.view.forEach(({ seq }) => void seen.push(seq));
    expect(seen).toEqual([0, 1, 2]);
  });

  test('resolves when the view closes while it waits for an event', async () => {
    const { log, open } = setUp(events.slice(0, 1));
    const { view, onClose } = open();
    const send = vi.fn();
    const sending = view.forEach(send);
    view.close('dropped');
    await sending;
    log.append(sampleToken({ seq: 1 }));
    await nextIteration();
    expect(send).toHaveBeenCalledOnce();
    expect(onClose).toHaveBeenCalledOnce();
  });

  test('sends nothing and frees its turn when the view closes while it waits for a full connection', async () => {
    const { stream, connection, open } = setUp(events);
    stream.write('more than it holds');
    expect(stream.writableNeedDrain).toBe(true);
    const { view } = open();
    const send = vi.fn();
    const sending = view.forEach(send);
    view.close('dropped');
    stream.resume();
    await sending;
    expect(send).not.toHaveBeenCalled();
    expect(connection.enter()).toBe(true);
  });
});
