import stringWidth from 'string-width';
import { expect, test } from 'vitest';

import { chatTable } from './choose-chat.ts';
import { localTime } from './local-time.ts';
import type { SavedChat } from './saved-chat.ts';

const time = '2026-11-30T07:05:00.000Z';
const chat: SavedChat = {
  version: 1,
  id: '2026-11-30-a3f9',
  startedAt: time,
  savedAt: time,
  model: null,
  url: null,
  system: null,
  messages: [
    { role: 'user', content: 'What is\nprefill, and \u001b[2Jwhat is it for in a model that reads?' },
    { role: 'assistant', content: 'Reading.' },
    { role: 'user', content: 'And decode?' },
  ],
};

test('the table of saved conversations has each first question in a line of the window', () => {
  const chats = [
    { id: chat.id, chat },
    { id: '2026-11-29-0001', chat: null },
  ];
  const [header, first, unreadable] = chatTable(chats, 0).split('\n');
  expect(header).toBe('ID               SAVED             TURNS  FIRST QUESTION');
  expect(first).toBe(
    `2026-11-30-a3f9  ${localTime(time)}  2      What is prefill, and \\u001b[2Jwhat is it for in a model that reads?`,
  );
  expect(unreadable).toMatch(/^2026-11-29-0001 .* \(this file cannot be read\)$/);
  expect(chatTable(chats, 40)).toMatch(/^ID {15}TURNS {2}FIRST QUESTION\n2026-11-30-a3f9 {2}2 {6}What is prefil…\n/);
  for (const line of chatTable(chats, 80).split('\n')) expect(stringWidth(line)).toBeLessThan(80);
});

test.each([
  ['wide characters', '预填充是什么'.repeat(200)],
  ['characters of several parts', '👩‍👩‍👧'.repeat(200)],
])('a question of %s fits the window, too', (_what, content) => {
  const chats = [{ id: chat.id, chat: { ...chat, messages: [{ role: 'user' as const, content }] } }];
  for (const columns of [40, 80, 300]) {
    const widths = chatTable(chats, columns)
      .split('\n')
      .map((line) => stringWidth(line));
    expect(Math.max(...widths)).toBeGreaterThan(Math.min(columns, 200) - 4);
    expect(Math.max(...widths)).toBeLessThan(columns);
  }
});
