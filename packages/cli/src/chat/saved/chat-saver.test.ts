import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ChatSaver } from './chat-saver.ts';
import { ChatStore } from './chat-store.ts';
import { Conversation } from './conversation.ts';

let home = '';
let store: ChatStore;
const failures: string[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-30T07:05:00Z') });
  home = mkdtempSync(join(tmpdir(), 'headway-chats-'));
  store = new ChatStore(join(home, 'chats'));
  failures.length = 0;
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(home, { recursive: true });
});

function open(conversation: Conversation, resumed = false): ChatSaver {
  const onFailure = (why: string) => void failures.push(why);
  const about = { model: 'm', url: null };
  return new ChatSaver({ store, conversation, ...about, resumed: resumed ? store.last() : null, onFailure });
}

/** Adds a question with its answer. */
function converse(conversation: Conversation, saver: ChatSaver, question: string, answer: string): void {
  conversation.ask(question);
  saver.save();
  conversation.hear(answer);
  conversation.endAnswer();
  saver.save();
}

test('nothing is saved before the first question', () => {
  const saver = open(new Conversation('Be brief.'));
  saver.save();
  saver.close();
  expect([saver.id, store.list()]).toEqual([null, []]);
});

test('a question is saved before its answer, and the answer while it arrives', () => {
  const conversation = new Conversation('Be brief.');
  const saver = open(conversation);
  conversation.ask('Why?');
  saver.save();
  expect(store.last()).toMatchObject({ system: 'Be brief.', model: 'm', messages: [{ content: 'Why?' }] });
  conversation.hear('Because');
  saver.saveSoon();
  vi.advanceTimersByTime(500);
  conversation.hear(' of');
  saver.saveSoon();
  expect(store.last().messages).toHaveLength(1);
  vi.advanceTimersByTime(500);
  expect(store.last().messages[1]).toEqual({ role: 'assistant', content: 'Because of' });
  conversation.hear(' it.');
  saver.saveSoon();
  // As when the process exits.
  process.listeners('exit').at(-1)?.(0);
  expect(store.last().messages[1]?.content).toBe('Because of it.');
  saver.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a conversation goes on in its file, from its last question on', () => {
  const first = new Conversation();
  const saver = open(first);
  converse(first, saver, 'One?', 'One.');
  first.ask('Two?');
  saver.save();
  saver.close();
  const again = new Conversation(null, store.last().messages);
  expect([again.unanswered, again.questions]).toEqual(['Two?', ['One?', 'Two?']]);
  const next = open(again, true);
  expect(again.ask('Three?').map(({ content }) => content)).toEqual(['One?', 'One.', 'Three?']);
  converse(again, next, 'Three?', 'Three.');
  next.close();
  expect(store.list().map(({ id }) => id)).toEqual([saver.id]);
  expect(store.last().messages.map(({ content }) => content)).toEqual(['One?', 'One.', 'Three?', 'Three.']);
});

test('two chats that go on with one conversation lose nothing', () => {
  const first = new Conversation();
  const saver = open(first);
  converse(first, saver, 'One?', 'One.');
  const other = new Conversation(null, store.last().messages);
  const others = open(other, true);
  converse(other, others, 'Two?', 'Two.');
  converse(first, saver, 'Three?', 'Three.');
  converse(other, others, 'Four?', 'Four.');
  const questions = store.list().map(({ chat }) => chat?.messages.map(({ content }) => content[0]).join(''));
  expect(new Set(questions)).toEqual(new Set(['OOTTFF', 'OOTT']));
  expect(saver.id).not.toBe(others.id);
  for (const one of [saver, others]) one.close();
});

test('after /clear another conversation begins, and the one before stays', () => {
  const conversation = new Conversation();
  const saver = open(conversation);
  converse(conversation, saver, 'One?', 'One.');
  saver.startAnother();
  conversation.clear();
  saver.save();
  converse(conversation, saver, 'Two?', 'Two.');
  saver.close();
  const questions = store.list().map(({ chat }) => chat?.messages[0]?.content);
  expect(new Set(questions)).toEqual(new Set(['One?', 'Two?']));
});

test('a conversation that cannot be saved is told once, and saved when it can be again', () => {
  const conversation = new Conversation();
  const saver = open(conversation);
  writeFileSync(store.folder, 'not a folder');
  converse(conversation, saver, 'One?', 'One.');
  expect(failures).toEqual([expect.stringMatching(/EEXIST|ENOTDIR/)]);
  expect(saver.id).toBeNull();
  rmSync(store.folder);
  converse(conversation, saver, 'Two?', 'Two.');
  expect(store.last().messages).toHaveLength(4);
  saver.close();
});
