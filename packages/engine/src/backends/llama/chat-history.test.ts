import type { Message } from '@headway/protocol';
import { expect, test } from 'vitest';

import { chatHistory } from './chat-history.ts';

const call = (id: string, args: string, content = ''): Message => ({
  role: 'assistant',
  content,
  toolCalls: [{ id, name: 'look', arguments: args }],
});
const result = (toolCallId: string, content: string): Message => ({ role: 'tool', toolCallId, content });

test('a conversation ends with what the model is to write', () => {
  expect(chatHistory([{ role: 'user', content: 'Hi' }])).toEqual([
    { type: 'user', text: 'Hi' },
    { type: 'model', response: [] },
  ]);
  expect(
    chatHistory([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'He' },
    ]),
  ).toEqual([
    { type: 'user', text: 'Hi' },
    { type: 'model', response: ['He'] },
  ]);
});

test('calls and results are parts of one response, which goes on behind them', () => {
  const history = chatHistory([
    { role: 'user', content: 'Hi' },
    call('a', '{"at":1}', 'I look.'),
    result('a', '{"found":[2]}'),
    call('b', ''),
    result('b', 'nothing, {'),
  ]);
  expect(history).toEqual([
    { type: 'user', text: 'Hi' },
    {
      type: 'model',
      response: [
        'I look.',
        { type: 'functionCall', name: 'look', params: { at: 1 }, result: { found: [2] }, startsNewChunk: true },
        { type: 'functionCall', name: 'look', params: {}, result: 'nothing, {', startsNewChunk: true },
      ],
    },
  ]);
});

test('results find their calls in whatever order they come', () => {
  const both: Message = {
    role: 'assistant',
    content: '',
    toolCalls: ['a', 'b'].map((id) => ({ id, name: id, arguments: '{}' })),
  };
  const [model] = chatHistory([both, result('b', 'of b'), result('a', '5')]);
  expect(model).toMatchObject({
    response: [
      { name: 'a', result: '5', startsNewChunk: true },
      { name: 'b', result: 'of b', startsNewChunk: false },
    ],
  });
});
