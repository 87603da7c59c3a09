import { expect, onTestFinished, test, vi } from 'vitest';

import {
  sampleConversation,
  sampleQuestion,
  sampleReply,
  sampleResult,
} from '../conversation/sample-records.fixture.ts';
import { createMemoryShelf } from '../storage/memory-shelf.ts';
import type { Shelf } from '../storage/shelf.ts';
import { createLibrary } from './library.ts';
import { createChannels, settled } from './tabs.fixture.ts';

/** A library over a shelf whose writes can fail and whose reads can be held. */
async function setUp(records: readonly ReturnType<typeof sampleConversation>[] = []) {
  const shelf = createMemoryShelf();
  for (const one of records) await shelf.update(one.id, () => one);
  const faults = { writes: null as Error | null, reads: null as Error | null };
  const held: (() => void)[] = [];
  const hold = { reads: false };
  const write =
    <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>): ((...args: Args) => Promise<Result>) =>
    async (...args) => {
      if (faults.writes) throw faults.writes;
      return work(...args);
    };
  const failing: Shelf = {
    ...shelf,
    update: write((...args) => shelf.update(...args)),
    changeMessages: write((...args) => shelf.changeMessages(...args)),
    async conversations() {
      if (faults.reads) throw faults.reads;
      const read = await shelf.conversations();
      if (hold.reads) await new Promise<void>((resolve) => held.push(resolve));
      return read;
    },
  };
  const channel = createChannels();
  const clock = { now: 1_000_000_000 };
  const library = createLibrary(failing, channel(), () => clock.now);
  const other = channel();
  const news = vi.fn();
  other.addEventListener('message', news);
  onTestFinished(() => library.close());
  return { shelf, library, faults, hold, held, clock, other, news };
}

const quota = new DOMException('full', 'QuotaExceededError');
const as = (more = {}) => {
  const conversation = sampleConversation(more);
  return () => conversation;
};

test('conversations are listed with pinned ones first, then the latest', async () => {
  const { library } = await setUp([
    sampleConversation({ id: 'old', changed: 1 }),
    sampleConversation({ id: 'pinned', changed: 0, pinned: true }),
    sampleConversation({ id: 'new', changed: 2 }),
    sampleConversation({ id: 'gone', changed: 3, deleted: 999_999_999 }),
  ]);
  expect(library.getState()).toMatchObject({ ready: false, conversations: [] });
  await library.open(null);
  const { ready, conversations, deleted } = library.getState();
  expect(ready).toBe(true);
  expect(conversations.map(({ id }) => id)).toEqual(['pinned', 'new', 'old']);
  expect(deleted.map(({ id }) => id)).toEqual(['gone']);
});

test('an unknown and a deleted conversation show a new one', async () => {
  const { library } = await setUp([sampleConversation({ id: 'gone', deleted: 999_999_999 })]);
  for (const id of ['gone', 'unknown']) {
    await library.open(id);
    expect(library.getState()).toMatchObject({ current: null, messages: [] });
  }
});

test('conversations that were deleted long ago are forgotten, and the other tabs hear of it', async () => {
  const { library, shelf, news } = await setUp([
    sampleConversation({ id: 'long ago', deleted: 1 }),
    sampleConversation({ id: 'lately', deleted: 999_999_999 }),
  ]);
  await library.open(null);
  await settled();
  expect(library.getState().deleted.map(({ id }) => id)).toEqual(['lately']);
  expect((await shelf.conversations()).map(({ id }) => id)).toEqual(['lately']);
  expect(news).toHaveBeenCalledTimes(1);
});

test('of two conversations opened at once, the last one is shown', async () => {
  const { library } = await setUp([sampleConversation({ id: 'a' }), sampleConversation({ id: 'b' })]);
  const shown: (string | undefined)[] = [];
  library.subscribe(() => shown.push(library.getState().current?.id));
  await Promise.all([library.open('a'), library.open('b')]);
  expect(shown).toEqual(['b']);
});

test('news of another tab never hides what is written meanwhile', async () => {
  const { library, hold, held, other } = await setUp();
  await library.open(null);
  hold.reads = true;
  other.postMessage('changed');
  await settled();
  library.add('c', as(), [sampleQuestion()]);
  const seen: (string | undefined)[] = [];
  library.subscribe(() => seen.push(library.getState().current?.id));
  hold.reads = false;
  for (const release of held) release();
  await settled();
  expect(held).toHaveLength(1);
  expect([...new Set(seen)]).toEqual(['c']);
  expect(library.getState().messages).toEqual([sampleQuestion()]);
});

test('what cannot be stored is told, shown until the page is closed, and stored with the next message', async () => {
  const { library, faults, shelf, news } = await setUp();
  await library.open(null);
  faults.writes = quota;
  const reply = sampleReply();
  library.add('c', as(), [sampleQuestion(), reply]);
  await settled();
  expect(library.getState().fault).toMatch(/storage is full/);
  library.settle([reply], sampleResult('Still shown'), { stored: true });
  library.update('c', (one) => ({ ...one, title: 'Named' }));
  await settled();
  expect([news.mock.calls.length, await shelf.conversations()]).toEqual([0, []]);
  await library.open(null);
  await library.open('c');
  expect(library.getState()).toMatchObject({ current: { title: 'Named' }, open: [] });
  expect(library.getState().messages).toMatchObject([{ id: 'q' }, { id: 'r', result: { text: 'Still shown' } }]);
  expect(await library.messagesOf('c')).toHaveLength(2);

  faults.writes = null;
  library.add('c', (one) => ({ ...(one ?? sampleConversation()), changed: 9 }), [
    sampleQuestion({ id: 'q2', parent: 'r' }),
  ]);
  await settled();
  expect(library.getState().fault).toBeNull();
  expect(await shelf.conversations()).toMatchObject([{ id: 'c', title: 'Named', changed: 9 }]);
  expect((await shelf.messages('c')).map(({ id }) => id).toSorted()).toEqual(['q', 'q2', 'r']);
  expect(await shelf.openReplies()).toEqual([]);
});

test('of two ends of an answer, the one that is stored first is shown', async () => {
  const { library, shelf } = await setUp();
  await library.open(null);
  const reply = sampleReply();
  library.add('c', as(), [sampleQuestion(), reply]);
  await settled();
  await shelf.changeMessages(['r'], () => sampleReply({ result: sampleResult('Of the other tab') }));
  library.settle([reply], sampleResult('Of this tab'), { stored: true });
  await settled();
  expect(library.getState().messages.at(-1)).toMatchObject({ result: { text: 'Of the other tab' } });
});

test('an end that is not stored is shown, and the answer stays open for the next read', async () => {
  const { library } = await setUp();
  await library.open(null);
  const reply = sampleReply();
  library.add('c', as(), [sampleQuestion(), reply]);
  await settled();
  library.settle([reply], sampleResult('Lost', { state: 'error' }), { stored: false });
  expect(library.getState()).toMatchObject({ open: [], messages: [{ id: 'q' }, { result: { text: 'Lost' } }] });
  await library.refresh();
  expect(library.getState()).toMatchObject({ open: [{ id: 'r' }], messages: [{ id: 'q' }, { result: null }] });
});

test('a storage that cannot be read is told, and what is shown stays', async () => {
  const { library, faults } = await setUp([sampleConversation(), sampleConversation({ id: 'd' })]);
  await library.open('c');
  faults.reads = new DOMException('The database is closed', 'InvalidStateError');
  await library.open('d');
  expect(library.getState()).toMatchObject({ current: { id: 'c' }, ready: true });
  expect(library.getState().fault).toMatch(/could not be read.*closed.*Reload/);
});

test('a conversation that another tab removed for good is not changed any more', async () => {
  const { library, shelf } = await setUp([sampleConversation()]);
  await library.open('c');
  await shelf.remove(['c']);
  library.update('c', (one) => ({ ...one, pinned: true }));
  await settled();
  expect(library.getState()).toMatchObject({ current: null, conversations: [] });
});

test('an import brings what is missing once, restores deleted conversations and tells the other tabs once', async () => {
  const { library, shelf, news } = await setUp([
    sampleConversation({ title: 'Mine' }),
    sampleConversation({ id: 'gone', deleted: 999_999_999 }),
  ]);
  await library.open('c');
  const conversations = ['c', 'gone', 'new'].map((id) => sampleConversation({ id, title: 'Theirs' }));
  const messages = conversations.map(({ id }) =>
    sampleQuestion({ id: `q-${id}`, conversation: id, text: `Text of ${id}` }),
  );
  expect(await library.put(conversations, messages)).toBe(3);
  await settled();
  expect(news).toHaveBeenCalledTimes(1);
  expect(
    library
      .getState()
      .conversations.map(({ title }) => title)
      .toSorted(),
  ).toEqual(['A chat', 'Mine', 'Theirs']);
  expect(library.getState().messages).toEqual([messages[0]]);
  expect((await library.texts()).get('new')).toBe('Text of new');
  const before = [await shelf.conversations(), await shelf.messages('c')];
  expect(await library.put(conversations, messages)).toBe(0);
  expect([await shelf.conversations(), await shelf.messages('c')]).toEqual(before);
});

test('a closed library neither changes nor tells', async () => {
  const { library, news } = await setUp();
  await library.open(null);
  const listener = vi.fn();
  library.subscribe(listener);
  library.close();
  library.add('c', as(), []);
  await settled();
  expect([listener, news].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
});
