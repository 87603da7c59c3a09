import { idleGeneration } from '@headway/client/react';
import { expect, test } from 'vitest';

import { textDocument } from '../documents/text-document.ts';
import { messagesToForecast, toMessages, type Exchange } from './exchange.ts';

const exchange = (text: string, answer: string): Exchange => ({
  id: text,
  message: { text, documents: [] },
  answer: { ...idleGeneration, state: 'done', text: answer },
});

test('the request holds the conversation, each document in its message', () => {
  const first: Exchange = {
    ...exchange('Sum it up.', 'It is long.'),
    message: { text: 'Sum it up.', documents: [textDocument('a', 'Long text')] },
  };
  expect(toMessages([first], { text: 'Thanks', documents: [] })).toEqual([
    { role: 'user', content: 'Long text\n\nSum it up.' },
    { role: 'assistant', content: 'It is long.' },
    { role: 'user', content: 'Thanks' },
  ]);
});

test('the request leaves out unanswered messages and keeps stopped answers', () => {
  const failed: Exchange = { ...exchange('Too long', ''), answer: { ...idleGeneration, state: 'error' } };
  const stopped = exchange('A story', 'Once upon');
  expect(toMessages([failed, stopped], { text: 'Go on', documents: [] }).map(({ content }) => content)).toEqual([
    'A story',
    'Once upon',
    'Go on',
  ]);
});

test('a forecast is about the next request, or about the chat so far while nothing is written', () => {
  const empty = { text: ' ', documents: [] };
  const first = exchange('Hi', 'Hello');
  expect(messagesToForecast([], empty)).toBe(null);
  expect(messagesToForecast([first], empty)?.map(({ role }) => role)).toEqual(['user', 'assistant']);
  expect(messagesToForecast([first], { ...empty, text: 'Go on' })).toHaveLength(3);
});
