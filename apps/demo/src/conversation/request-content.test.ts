import { generateRequest, parse } from '@headway/protocol';
import { idleGeneration } from '@headway/client/react';
import { expect, test } from 'vitest';

import { textDocument } from '../documents/text-document.ts';
import type { Question, Reply } from '../storage/records.ts';
import { messagesToForecast, requestContent } from './request-content.ts';
import { noResult } from './tool-messages.ts';
import type { Exchange } from './tree.ts';

const weather = { id: 'w', name: 'weather', arguments: '{"city":"Oslo"}' };
const time = { id: 't', name: 'time', arguments: '{}' };

function exchange(question: Partial<Question>, result: Partial<NonNullable<Reply['result']>>): Exchange {
  const reply: Reply = {
    kind: 'reply',
    id: 'r',
    conversation: 'c',
    parent: 'q',
    created: 0,
    generation: 'g',
    index: 0,
    model: null,
    set: null,
    result: { ...idleGeneration, state: 'done', ...result },
  };
  const asked: Question = {
    kind: 'question',
    id: 'q',
    conversation: 'c',
    parent: null,
    created: 0,
    text: '',
    documents: [],
    ...question,
  };
  return { question: asked, versions: [], reply, replies: [reply], sideBySide: null };
}

const said = exchange({ text: 'Hi' }, { text: 'Hello' });
const called = exchange({ text: 'Weather and time?' }, { toolCalls: [weather, time] });
const askedFor = [
  { role: 'user', content: 'Weather and time?' },
  { role: 'assistant', content: '', toolCalls: [weather, time] },
];

test('the system prompt comes first, and a blank one is left out', () => {
  const { messages } = requestContent([said], { text: 'Bye', documents: [] }, 'Be brief.');
  expect(messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Bye' },
  ]);
  expect(requestContent([], { text: 'Bye', documents: [] }, ' \n').messages).toEqual([
    { role: 'user', content: 'Bye' },
  ]);
});

test('documents keep their places in the last message behind a system prompt', () => {
  const draft = { text: 'Sum up', documents: [textDocument('a.txt', 'Text')] };
  const request = requestContent([], draft, 'Be brief.');
  const [span] = request.spans ?? [];
  expect(request.messages.at(-1)?.content.slice(span?.start, span?.end)).toContain('Text');
  expect(parse(generateRequest, request).spans).toHaveLength(1);
});

test('results follow the calls that they answer, in the order of the calls', () => {
  const toolResults = [
    { id: 't', name: 'time', text: '12:00' },
    { id: 'w', name: 'weather', text: 'Snow' },
  ];
  const results = [
    { role: 'tool', toolCallId: 'w', content: 'Snow' },
    { role: 'tool', toolCallId: 't', content: '12:00' },
  ];
  const next = requestContent([called], { text: '', documents: [], toolResults });
  expect(next).toEqual({ messages: [...askedFor, ...results] });
  const later = [called, exchange({ toolResults }, { text: 'Snow at noon.' })];
  expect(requestContent(later, { text: 'Thanks', documents: [] }).messages).toEqual([
    ...askedFor,
    ...results,
    { role: 'assistant', content: 'Snow at noon.' },
    { role: 'user', content: 'Thanks' },
  ]);
});

test('a message in place of results says that there are none, so that the gateway takes it', () => {
  const request = requestContent([called], { text: 'Never mind', documents: [] });
  expect(request.messages.slice(2)).toEqual([
    { role: 'tool', toolCallId: 'w', content: noResult },
    { role: 'tool', toolCallId: 't', content: noResult },
    { role: 'user', content: 'Never mind' },
  ]);
  expect(() => parse(generateRequest, request)).not.toThrow();
});

test('results whose answer failed stay, and calls of a failed answer count as not made', () => {
  const toolResults = [
    { id: 'w', name: 'weather', text: 'Snow' },
    { id: 't', name: 'time', text: '12:00' },
  ];
  const failed = exchange({ toolResults }, { state: 'error' });
  expect(requestContent([called, failed], { text: 'Well?', documents: [] }).messages.slice(2)).toEqual([
    { role: 'tool', toolCallId: 'w', content: 'Snow' },
    { role: 'tool', toolCallId: 't', content: '12:00' },
    { role: 'user', content: 'Well?' },
  ]);
  const cut = exchange({ text: 'Weather?' }, { state: 'error', toolCalls: [{ ...weather, arguments: '{"ci' }] });
  expect(requestContent([cut], { text: 'Well?', documents: [] }).messages).toEqual([
    { role: 'user', content: 'Well?' },
  ]);
});

test('a forecast counts the chat so far, and nothing for a system prompt alone', () => {
  const empty = { text: '', documents: [] };
  expect(messagesToForecast([], empty, 'Be brief.')).toBe(null);
  expect(messagesToForecast([said], empty, 'Be brief.')).toHaveLength(3);
  expect(messagesToForecast([called], empty)).toHaveLength(4);
  expect(messagesToForecast([], { text: 'Hi', documents: [] }, 'Be brief.')).toHaveLength(2);
});
