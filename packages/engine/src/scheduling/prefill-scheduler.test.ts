import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';

import { createVirtualClock } from '../backends/scripted/virtual-clock.ts';
import { PrefillRate } from '../timing/prefill-rate.ts';
import { PrefillTurns } from './prefill-scheduler.ts';

function open() {
  const clock = createVirtualClock();
  const rate = new PrefillRate();
  rate.add({ tokens: 100, position: 0, decoders: 0 }, 100);
  const turns = new PrefillTurns(clock, rate);
  const { signal } = new AbortController();
  const log: string[] = [];
  /** Reads `chunks` of a prompt, writing down each turn. */
  const read = async (name: string, tokens: number, chunks: number) => {
    const turn = turns.join(tokens, () => log.push(`${name} waits`));
    for (let left = chunks; left > 0; left--) {
      await turn.next((tokens * left) / chunks, signal);
      log.push(name);
      await clock.sleep(10);
      turn.done();
    }
    turn.leave();
  };
  return { clock, turns, signal, log, read };
}

describe('prefill turns', () => {
  it('let one chunk be read at a time, of the shortest prompt first, and tell the others', async () => {
    const { clock, log, read } = open();
    const all = Promise.all([read('long', 400, 2), read('short', 100, 2)]);
    await clock.advance(1000);
    await all;
    // The long one was alone when it came; its second chunk waits for the short one.
    expect(log).toEqual(['long', 'short waits', 'short', 'long waits', 'short', 'long waits', 'long']);
  });

  it('wait for those who decode to come along, and no longer than a moment for one that does not', async () => {
    const { clock, turns, log, read } = open();
    const decoder = turns.decoder();
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
    decoder.leave();
    await clock.advance(100);
    await all;
    expect(clock.sleepers).toBe(0);
  });

  it('are given up the instant the signal aborts, and pass to the next', async () => {
    const { clock, turns, log, read } = open();
    const abort = new AbortController();
    const first = read('first', 10, 1);
    const turn = turns.join(50, () => undefined);
    const waiting = turn.next(50, abort.signal);
    expect(turn.ahead(50)).toEqual([{ position: 0, remaining: 10, uncached: 10 }]);
    abort.abort('enough');
    await expect(waiting).rejects.toBe('enough');
    turn.leave();
    const last = read('last', 10, 1);
    await clock.advance(100);
    await Promise.all([first, last]);
    expect(log.filter((entry) => !entry.endsWith('waits'))).toEqual(['first', 'last']);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('leave no listener behind when they are granted', async () => {
    const { clock, signal, read } = open();
    const all = Promise.all([read('a', 10, 3), read('b', 10, 3)]);
    await clock.advance(1000);
    await all;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
