// @vitest-environment happy-dom
import { afterEach, expect, onTestFinished, test } from 'vitest';

import { sampleConversation, sampleQuestion } from '../conversation/sample-records.fixture.ts';
import { createMemoryShelf } from '../storage/memory-shelf.ts';
import { addressedConversation, followAddress, showConversation } from './address.ts';
import { createLibrary } from './library.ts';
import { createChannels, settled } from './tabs.fixture.ts';

afterEach(() => history.replaceState(null, '', '#'));

/** Shows another conversation, with the event that this DOM leaves out. */
function go(id: string | null): void {
  showConversation(id);
  globalThis.dispatchEvent(new Event('hashchange'));
}

async function setUp(hash: string) {
  history.replaceState(null, '', hash);
  const shelf = createMemoryShelf();
  for (const id of ['a', 'b']) await shelf.update(id, () => sampleConversation({ id }));
  const library = createLibrary(shelf, createChannels()());
  onTestFinished(followAddress(library));
  await settled();
  return { library, current: () => library.getState().current?.id };
}

test('an address names a conversation only by an id', () => {
  expect(['#chat/abc-1', '#chat/', '#chat/../x', '#other', ''].map(addressedConversation)).toEqual([
    'abc-1',
    null,
    null,
    null,
    null,
  ]);
});

test('the page shows what its address names, and another address another conversation', async () => {
  const { current } = await setUp('#chat/a');
  expect(current()).toBe('a');
  go('b');
  await settled();
  expect([current(), location.hash]).toEqual(['b', '#chat/b']);
  go(null);
  await settled();
  expect(current()).toBeUndefined();
});

test('an address of nothing becomes that of a new chat', async () => {
  const { current } = await setUp('#chat/unknown');
  expect([current(), location.hash]).toEqual([undefined, '']);
});

test('a new conversation gets its address, and a deleted one loses it', async () => {
  const { library } = await setUp('#');
  const entries = history.length;
  library.add('c', () => sampleConversation({ id: 'c' }), [sampleQuestion()]);
  expect(location.hash).toBe('#chat/c');
  library.update('c', (one) => ({ ...one, title: 'Same address' }));
  library.delete('c');
  expect([location.hash, history.length - entries]).toEqual(['', 2]);
});

test('a change while another conversation is opened leaves the new address alone', async () => {
  const { library, current } = await setUp('#chat/a');
  go('b');
  library.update('a', (one) => ({ ...one, title: 'Changed' }));
  expect(location.hash).toBe('#chat/b');
  await settled();
  expect([current(), location.hash]).toEqual(['b', '#chat/b']);
});
