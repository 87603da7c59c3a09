import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { emptyDraft, type Draft } from '../../composer/draft.ts';
import { createDraftKeeper } from './draft-keeper.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const draft = (text: string): Draft => ({ text, documents: [] });

function setUp() {
  const stored: [string, string | null][] = [];
  const shelf = { failing: false };
  const keeper = createDraftKeeper({
    async putDraft(key, one) {
      if (shelf.failing) throw new DOMException('full', 'QuotaExceededError');
      stored.push([key, one?.text ?? null]);
    },
  });
  return { keeper, stored, shelf };
}

test('a draft is stored once the user rests, and not at each key', () => {
  const { keeper, stored } = setUp();
  for (const text of ['H', 'He', 'Hey']) {
    keeper.note('a', draft(text));
    vi.advanceTimersByTime(300);
  }
  expect(stored).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(stored).toEqual([['a', 'Hey']]);
  expect(vi.getTimerCount()).toBe(0);
});

test('the draft of another chat is stored at once, and an empty one removed', () => {
  const { keeper, stored } = setUp();
  keeper.note('a', draft('of a'));
  keeper.note('b', emptyDraft);
  expect(stored).toEqual([['a', 'of a']]);
  keeper.flush();
  keeper.flush();
  expect(stored).toEqual([
    ['a', 'of a'],
    ['b', null],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a draft that cannot be stored harms nothing', async () => {
  const { keeper, stored, shelf } = setUp();
  shelf.failing = true;
  keeper.note('a', draft('lost'));
  keeper.flush();
  await Promise.resolve();
  shelf.failing = false;
  keeper.note('a', draft('kept'));
  keeper.flush();
  expect(stored).toEqual([['a', 'kept']]);
});
