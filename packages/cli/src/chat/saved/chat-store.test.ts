import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ChatStore } from './chat-store.ts';
import { createChatId, parseSavedChat, type SavedChat } from './saved-chat.ts';

let home = '';
let store: ChatStore;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'headway-chats-'));
  store = new ChatStore(join(home, 'chats'));
});

afterEach(() => rmSync(home, { recursive: true }));

const time = '2026-11-30T07:05:00.000Z';
const sample = (id: string): SavedChat => ({
  version: 1,
  id,
  startedAt: time,
  savedAt: time,
  model: null,
  url: null,
  system: null,
  messages: [
    { role: 'user', content: 'What is prefill?' },
    { role: 'assistant', content: 'Reading.' },
  ],
});

/** Writes conversations, each a second after the one before. */
function writeAll(ids: readonly string[]): void {
  for (const [at, id] of ids.entries()) {
    store.write(sample(id), { lasting: false });
    utimesSync(store.path(id), 1000 + at, 1000 + at);
  }
}

test('a conversation is read as it was written, and only its user may read the file', () => {
  store.write(sample('a'), { lasting: true });
  expect(store.open('a')).toEqual(sample('a'));
  expect(statSync(store.path('a')).mode & 0o777).toBe(0o600);
  expect(statSync(store.folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(store.folder)).toEqual(['a.json']);
});

test('the list begins with the conversation that was saved last', () => {
  expect(store.list()).toEqual([]);
  writeAll(['b', 'a', 'c']);
  expect(store.list().map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  expect(store.last().id).toBe('c');
});

test.each([
  ['is empty', ''],
  ['is cut off', JSON.stringify(sample('x')).slice(0, 80)],
  ['is no conversation', '[1, 2]'],
  ['is of a later version', JSON.stringify({ ...sample('x'), version: 2 })],
  ['has a message without text', JSON.stringify({ ...sample('x'), messages: [{ role: 'user', content: 1 }] })],
  [
    'has two answers in turn',
    JSON.stringify({ ...sample('x'), messages: sample('x').messages.map((one) => ({ ...one, role: 'assistant' })) }),
  ],
  ['has another name', JSON.stringify(sample('y'))],
  ['has no time', JSON.stringify({ ...sample('x'), savedAt: 'now' })],
])('a file that %s is listed, refused, and passed over', (_what, text) => {
  writeAll(['old']);
  writeFileSync(store.path('x'), text);
  expect(store.list()).toMatchObject([{ id: 'x', chat: null }, { id: 'old' }]);
  expect(() => store.open('x')).toThrow(/^--resume: the file .*x\.json\); remove it, or choose another/);
  expect(store.last().id).toBe('old');
});

test.each(['none', '../a', '/etc/passwd', '', 'a.json'])('no conversation is opened by the name %j', (id) => {
  writeAll(['a']);
  expect(() => store.open(id)).toThrow(/^--resume: there is no saved conversation/);
});

test('without a conversation there is none to go on with', () => {
  expect(() => store.last()).toThrow(/^--continue: there is no saved conversation in .*chats$/);
});

test('a write that fails leaves the old file, and no other', () => {
  store.write(sample('a'), { lasting: false });
  mkdirSync(store.path('b'));
  expect(() => store.write(sample('b'), { lasting: false })).toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
  expect(readdirSync(store.folder).toSorted()).toEqual(['a.json', 'b.json']);
  expect(store.open('a')).toEqual(sample('a'));
});

test('pruning keeps the newest conversations, and removes what killed processes left', () => {
  const ids = Array.from({ length: 203 }, (_, at) => `chat-${at}`);
  writeAll(ids);
  const [old, young] = ['.a.1.draft', '.b.2.draft'].map((name) => join(store.folder, name));
  for (const path of [old, young]) writeFileSync(path ?? '', '{');
  utimesSync(old ?? '', 1000, 1000);
  store.prune(Date.now());
  expect(store.list().map(({ id }) => id)).toEqual(ids.slice(3).toReversed());
  expect([old, young].map((path) => existsSync(path ?? ''))).toEqual([false, true]);
});

test('an id has the day and can be a file’s name', () => {
  const id = createChatId(new Date(2026, 0, 5), 0.5);
  expect(id).toBe('2026-01-05-8000');
  expect(parseSavedChat(JSON.stringify(sample(id)))).toEqual(sample(id));
});
