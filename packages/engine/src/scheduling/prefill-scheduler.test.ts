import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';

import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { PrefillRate } from '../timing/prefill-rate.ts';
import { PrefillScheduler } from './prefill-scheduler.ts';

function open() {
  const clock = createVirtualClock();
  const rate = new PrefillRate();
  rate.add({ tokens: 100, position: 0, decoders: 0 }, 100);
  const scheduler = new PrefillScheduler(clock, rate);
  const { signal } = new AbortController();
  const log: string[] = [];
  /** Reads a prompt in `chunks` chunks and logs each chunk. */
  const read = async (name: string, tokens: number, chunks: number) => {
    const prefill = scheduler.add(tokens, () => log.push(`${name} waits`));
    for (let left = chunks; left > 0; left--) {
      await prefill.nextChunk((tokens * left) / chunks, signal);
      log.push(name);
      await clock.sleep(10);
      prefill.chunkDone();
    }
    prefill.end();
  };
  return { clock, scheduler, signal, log, read };
}

describe('PrefillScheduler', () => {
  it('grants one chunk at a time, to the shortest prompt first, and notifies the waiting prompts', async () => {
    const { clock, log, read } = open();
    const all = Promise.all([read('long', 400, 2), read('short', 100, 2)]);
    await clock.advance(1000);
    await all;
    // The long prompt arrives alone, so its first chunk is granted at once; its second waits for the short prompt.
    expect(log).toEqual(['long', 'short waits', 'short', 'long waits', 'short', 'long waits', 'long']);
  });

  it('waits for each decoder to get a token between two chunks, but at most 5 ms', async () => {
    const { clock, scheduler, log, read } = open();
    const decoder = scheduler.addDecoder();
    const all = read('a', 300, 3);
    await clock.advance(10);
    expect(log).toEqual(['a']);
    await clock.advance(4);
    expect(log).toEqual(['a']);
    decoder.decoded();
    await clock.advance(0);
    expect(log).toEqual(['a', 'a']);
    await clock.advance(15);
    expect(log).toEqual(['a', 'a', 'a']);
    decoder.end();
    await clock.advance(100);
    await all;
    expect(clock.sleepers).toBe(0);
  });

  it('rejects a waiting prompt as soon as its signal aborts, and grants the next one', async () => {
    const { clock, scheduler, log, read } = open();
    const abort = new AbortController();
    const first = read('first', 10, 1);
    const prefill = scheduler.add(50, () => undefined);
    const waiting = prefill.nextChunk(50, abort.signal);
    expect(prefill.ahead(50)).toEqual([{ position: 0, remaining: 10, uncached: 10 }]);
    abort.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    prefill.end();
    const last = read('last', 10, 1);
    await clock.advance(100);
    await Promise.all([first, last]);
    expect(log.filter((entry) => !entry.endsWith('waits'))).toEqual(['first', 'last']);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('removes its abort listener when it grants a chunk', async () => {
    const { clock, signal, read } = open();
    const all = Promise.all([read('a', 10, 3), read('b', 10, 3)]);
    await clock.advance(1000);
    await all;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
