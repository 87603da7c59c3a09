import { expect, test } from 'vitest';

import {
  sampleConversation,
  sampleQuestion,
  sampleReply,
  sampleResult,
} from '../conversation/sample-records.fixture.ts';
import type { Settings } from '../settings/settings.ts';
import { exportJson } from './export-conversations.ts';
import { importConversations } from './import-conversations.ts';
import type { Conversation } from './records.ts';

const settings: Settings = {
  system: 'Be brief.',
  topK: 3,
  stop: ['END'],
  tools: [{ name: 'weather', parameters: { type: 'object' } }],
};

const conversation = sampleConversation({ title: 'Weather', chosen: { q: 'r' }, settings });
const question = sampleQuestion({
  text: '',
  toolResults: [{ id: 'call_1', name: 'weather', text: '{"sky": "snow"}' }],
});
const reply = sampleReply({
  json: true,
  result: sampleResult('{}', { toolCalls: [{ id: 'call_2', name: 'weather', arguments: '{}' }] }),
});

const withSettings = (changed: object) =>
  importConversations(exportJson([{ ...conversation, settings: changed as Settings }], []));

test('settings, results of tools and answers in JSON come back as they were exported', () => {
  expect(importConversations(exportJson([conversation], [question, reply]))).toEqual({
    conversations: [conversation],
    messages: [question, reply],
  });
});

test('settings that the gateway would refuse are refused by name, with a remedy', () => {
  expect(withSettings({ temperature: 101 })).toEqual({
    problem: 'cannot be imported: conversations[0].settings.temperature: must be at most 100.',
  });
  expect(withSettings({ heat: 1 })).toMatchObject({ problem: expect.stringContaining('settings.heat: unknown field') });
  expect(withSettings({ stop: ['END'], answerSchema: {} })).toMatchObject({
    problem: expect.stringContaining('settings.stop: could cut the JSON answer short'),
  });
});

test('a chat of an older export, without settings, has the defaults', () => {
  const { settings: _, ...older } = conversation;
  const imported = importConversations(exportJson([older as Conversation], []));
  expect(imported).toEqual({ conversations: [{ ...conversation, settings: {} }], messages: [] });
});
