import 'fake-indexeddb/auto';
import { afterAll, describe, expect, test, vi } from 'vitest';

import {
  sampleConversation,
  sampleQuestion,
  sampleReply,
  sampleResult,
} from '../conversation/sample-records.fixture.ts';
import { openIdbShelf } from './idb-shelf.ts';
import { createMemoryShelf } from './memory-shelf.ts';
import { openShelf } from './open-shelf.ts';
import type { Shelf } from './shelf.ts';

afterAll(() => void vi.unstubAllGlobals());

let databases = 0;
const byId = <T extends { id: string }>(records: readonly T[]) => records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
const ids = (records: readonly { id: string }[]) => byId(records).map(({ id }) => id);
const as = (record: ReturnType<typeof sampleConversation>) => () => record;

describe.each<[string, () => Promise<Shelf>]>([
  ['in the browser’s database', () => openIdbShelf(`shelf-${databases++}`)],
  ['in memory', async () => createMemoryShelf()],
])('a shelf %s', (_name, open) => {
  test('gives back the records of a conversation as they were put, and those of no other', async () => {
    const shelf = await open();
    const [question, reply] = [sampleQuestion(), sampleReply({ result: sampleResult('Because.') })];
    expect(await shelf.update('c', as(sampleConversation()), [question, reply])).toEqual(sampleConversation());
    await shelf.update('d', as(sampleConversation({ id: 'd' })), [sampleQuestion({ id: 'q2', conversation: 'd' })]);
    expect(byId(await shelf.conversations())).toEqual([sampleConversation(), sampleConversation({ id: 'd' })]);
    expect(byId(await shelf.messages('c'))).toEqual([question, reply]);
    expect(await shelf.messages('none')).toEqual([]);
  });

  test('changes a conversation as it is now, and stores nothing where the change is null', async () => {
    const shelf = await open();
    await shelf.update('c', as(sampleConversation({ pinned: true })));
    await Promise.all([
      shelf.update('c', (one) => one && { ...one, title: 'Named' }),
      shelf.update('c', (one) => one && { ...one, changed: 9 }),
    ]);
    expect(await shelf.conversations()).toEqual([sampleConversation({ pinned: true, title: 'Named', changed: 9 })]);
    expect(await shelf.update('gone', (one) => one, [sampleQuestion({ conversation: 'gone' })])).toBeNull();
    expect(await shelf.messages('gone')).toEqual([]);
  });

  test('knows the replies that have not ended, until they are settled', async () => {
    const shelf = await open();
    const running = sampleReply();
    await shelf.update('c', as(sampleConversation()), [
      sampleQuestion(),
      running,
      sampleReply({ id: 'over', result: sampleResult('x') }),
    ]);
    expect(await shelf.openReplies()).toEqual([running]);
    const settled = { ...running, result: sampleResult('Done') };
    expect(await shelf.changeMessages(['r', 'unknown'], () => settled)).toEqual([settled]);
    expect(await shelf.openReplies()).toEqual([]);
    expect(byId(await shelf.messages('c'))[2]).toEqual(settled);
  });

  test('adds what is not there yet, each id once, and leaves the rest as it is', async () => {
    const shelf = await open();
    await shelf.update('c', as(sampleConversation()), [sampleQuestion()]);
    const theirs = [sampleConversation({ title: 'Theirs' }), sampleConversation({ id: 'd' })];
    const messages = [
      sampleQuestion({ text: 'Theirs' }),
      sampleReply({ id: 'twice', result: sampleResult('first') }),
      sampleReply({ id: 'twice', result: sampleResult('second') }),
    ];
    expect((await shelf.add(theirs, messages)).toSorted()).toEqual(['c', 'd']);
    expect(await shelf.add(theirs, messages)).toEqual([]);
    expect(byId(await shelf.conversations())).toEqual([sampleConversation(), sampleConversation({ id: 'd' })]);
    expect(byId(await shelf.messages('c'))).toEqual([sampleQuestion(), messages[1]]);
  });

  test('removes conversations with all that belongs to them', async () => {
    const shelf = await open();
    for (const id of ['c', 'd']) {
      await shelf.update(id, as(sampleConversation({ id })), [sampleQuestion({ id: `q-${id}`, conversation: id })]);
      await shelf.putDraft(id, { text: `draft of ${id}`, documents: [] });
      await shelf.putText(id, `text of ${id}`);
    }
    await shelf.remove(['c', 'unknown']);
    expect([ids(await shelf.conversations()), await shelf.messages('c'), await shelf.draft('c')]).toEqual([
      ['d'],
      [],
      null,
    ]);
    expect(await shelf.texts()).toEqual([{ id: 'd', text: 'text of d' }]);
    expect([ids(await shelf.messages('d')), (await shelf.draft('d'))?.text]).toEqual([['q-d'], 'draft of d']);
    await shelf.putDraft('d', null);
    expect(await shelf.draft('d')).toBeNull();
    shelf.close();
  });

  test('a failing change changes nothing', async () => {
    const shelf = await open();
    await shelf.update('c', as(sampleConversation()));
    const fails = () => {
      throw new Error('no');
    };
    await expect(shelf.update('c', fails)).rejects.toThrow('no');
    expect(await shelf.conversations()).toEqual([sampleConversation()]);
  });
});

test('where the browser forbids its database, the shelf is in memory and says so', async () => {
  const allowed = await openShelf();
  allowed.close();
  vi.stubGlobal('indexedDB', {
    open() {
      throw new DOMException('denied', 'SecurityError');
    },
  });
  const forbidden = await openShelf();
  expect([allowed.lasting, forbidden.lasting]).toEqual([true, false]);
});
