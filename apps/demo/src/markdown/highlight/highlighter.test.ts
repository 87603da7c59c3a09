import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { HighlightReply, HighlightRequest } from './highlight-worker.ts';
import type { highlight as highlightCode } from './highlighter.ts';

/** A worker that answers when the test says so. */
class SlowWorker extends EventTarget {
  static readonly all: SlowWorker[] = [];
  readonly asked: HighlightRequest[] = [];
  terminated = false;

  constructor() {
    super();
    SlowWorker.all.push(this);
  }

  postMessage(request: HighlightRequest): void {
    this.asked.push(request);
  }

  reply(at: number): void {
    const { id, text } = this.asked[at] as HighlightRequest;
    const data: HighlightReply = { id, spans: [['keyword', text.length]], ms: 1 };
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  terminate(): void {
    this.terminated = true;
  }
}

let highlight: typeof highlightCode;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('Worker', SlowWorker);
  SlowWorker.all.length = 0;
  vi.resetModules();
  ({ highlight } = await import('./highlighter.ts'));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('one worker highlights all code, and no timer is left', async () => {
  const replies = [highlight('css', 'a'), highlight('css', 'bc')];
  const [worker] = SlowWorker.all;
  worker?.reply(1);
  worker?.reply(0);
  expect((await Promise.all(replies)).map(({ spans }) => spans)).toEqual([[['keyword', 1]], [['keyword', 2]]]);
  expect(SlowWorker.all).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('code that a grammar does not finish has no colours, and what waits behind it has', async () => {
  const replies = [highlight('java', '$$$'), highlight('css', 'a')];
  vi.advanceTimersByTime(10_000);
  const [stuck, next] = SlowWorker.all;
  expect(stuck?.terminated).toBe(true);
  expect(next?.asked.map(({ text }) => text)).toEqual(['a']);
  next?.reply(0);
  expect((await Promise.all(replies)).map(({ spans }) => spans)).toEqual([[], [['keyword', 1]]]);
  expect(vi.getTimerCount()).toBe(0);
});

test('code is not waited for when the worker’s file does not arrive, and the next code asks for it again', async () => {
  const replies = [highlight('css', 'a'), highlight('css', 'b')];
  SlowWorker.all[0]?.dispatchEvent(new Event('error'));
  expect((await Promise.all(replies)).map(({ spans }) => spans)).toEqual([[], []]);
  const later = highlight('css', 'c');
  SlowWorker.all[1]?.reply(0);
  expect((await later).spans).toEqual([['keyword', 1]]);
});
