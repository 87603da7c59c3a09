import { expect, test } from 'vitest';

import { whenVisible } from './when-visible.ts';

function fakePage(hidden: boolean) {
  const page = Object.assign(new EventTarget(), { hidden });
  const turn = (now: boolean) => {
    page.hidden = now;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  return { page, turn };
}

test('a page that is shown is called back at once, and a hidden one when it is shown, once', () => {
  const calls: string[] = [];
  const shown = fakePage(false);
  whenVisible(() => calls.push('shown'), new AbortController().signal, shown.page);
  const hidden = fakePage(true);
  whenVisible(() => calls.push('hidden'), new AbortController().signal, hidden.page);
  expect(calls).toEqual(['shown']);
  hidden.turn(true);
  expect(calls).toEqual(['shown']);
  hidden.turn(false);
  hidden.turn(false);
  expect(calls).toEqual(['shown', 'hidden']);
});

test('an aborted signal keeps it from calling back', () => {
  const calls: string[] = [];
  const { page, turn } = fakePage(true);
  const stop = new AbortController();
  whenVisible(() => calls.push('called'), stop.signal, page);
  stop.abort();
  turn(false);
  whenVisible(() => calls.push('called'), stop.signal, page);
  expect(calls).toEqual([]);
});
