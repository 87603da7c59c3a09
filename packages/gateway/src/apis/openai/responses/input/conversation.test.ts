import { describe, expect, test } from 'vitest';

import { toConversation } from './conversation.ts';
import type { InputItem } from './input-item.ts';

const user = (content: string): InputItem => ({ type: 'message', role: 'user', content });
const assistant = (content: string): InputItem => ({ type: 'message', role: 'assistant', content });
const call = (id: string, name = 'f'): InputItem => ({ type: 'function_call', call_id: id, name, arguments: '{}' });
const output = (id: string, text: string): InputItem => ({ type: 'function_call_output', call_id: id, output: text });
const thought: InputItem = { type: 'reasoning' };

const placed = (items: InputItem[]) => items.map((item, at) => ({ item, place: ['input', at] }));
const read = (...items: InputItem[]) => toConversation(null, placed(items)).messages;
const asked = (id: string, name = 'f') => ({ id, name, arguments: '{}' });

describe('the input of Responses', () => {
  test('as one text becomes a user message after the instructions', () => {
    expect(toConversation('Be brief.', [{ place: ['input'], item: user('Hi') }])).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
      sources: [
        { content: ['instructions'], calls: [] },
        { content: ['input'], calls: [] },
      ],
    });
  });

  test('has its text parts joined', () => {
    const messages = read(
      {
        role: 'developer',
        content: [
          { type: 'input_text', text: 'Be ' },
          { type: 'input_text', text: 'kind.' },
        ],
      },
      { role: 'user', content: [] },
      {
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'No. ' },
          { type: 'refusal', refusal: 'Never.' },
        ],
      },
    );
    expect(messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: '' },
      { role: 'assistant', content: 'No. Never.' },
    ]);
  });

  test('with consecutive calls becomes one message, followed by the outputs', () => {
    expect(read(user('Hi'), thought, call('a'), thought, call('b', 'g'), output('b', '2'), output('a', '1'))).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '', toolCalls: [asked('a'), asked('b', 'g')] },
      { role: 'tool', toolCallId: 'a', content: '1' },
      { role: 'tool', toolCallId: 'b', content: '2' },
    ]);
  });

  test('with an output between two calls becomes a message for each call', () => {
    expect(read(user('Hi'), call('a'), output('a', '1'), call('b'), output('b', '2'))).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '', toolCalls: [asked('a')] },
      { role: 'tool', toolCallId: 'a', content: '1' },
      { role: 'assistant', content: '', toolCalls: [asked('b')] },
      { role: 'tool', toolCallId: 'b', content: '2' },
    ]);
  });

  test('has text and the calls after it in one message, and moves a late output after its call', () => {
    expect(read(user('Hi'), assistant('Let me see.'), call('a'), user('Hurry.'), output('a', '1'))).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Let me see.', toolCalls: [asked('a')] },
      { role: 'tool', toolCallId: 'a', content: '1' },
      { role: 'user', content: 'Hurry.' },
    ]);
  });

  test('may reuse a call id in a later turn', () => {
    expect(read(call('a'), output('a', '1'), assistant('One.'), user('More.'), call('a'), output('a', '2'))).toEqual([
      { role: 'assistant', content: '', toolCalls: [asked('a')] },
      { role: 'tool', toolCallId: 'a', content: '1' },
      { role: 'assistant', content: 'One.' },
      { role: 'user', content: 'More.' },
      { role: 'assistant', content: '', toolCalls: [asked('a')] },
      { role: 'tool', toolCallId: 'a', content: '2' },
    ]);
  });

  test('has reasoning in the message that follows it', () => {
    const think = (text: string): InputItem => ({ type: 'reasoning', content: [{ type: 'reasoning_text', text }] });
    const summary: InputItem = {
      type: 'reasoning',
      content: null,
      summary: [
        { type: 'summary_text', text: 'In ' },
        { type: 'summary_text', text: 'short.' },
      ],
    };
    expect(
      read(
        user('Hi'),
        think('one'),
        call('a'),
        think('two'),
        call('b', 'g'),
        output('a', '1'),
        output('b', '2'),
        summary,
        assistant('Done.'),
        think('left out'),
        user('More.'),
        think('three'),
        assistant('Let me see.'),
        think('four'),
        call('c'),
        output('c', '3'),
        think('the end'),
      ),
    ).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '', reasoning: 'one\n\ntwo', toolCalls: [asked('a'), asked('b', 'g')] },
      { role: 'tool', toolCallId: 'a', content: '1' },
      { role: 'tool', toolCallId: 'b', content: '2' },
      { role: 'assistant', content: 'Done.', reasoning: 'In \n\nshort.' },
      { role: 'user', content: 'More.' },
      { role: 'assistant', content: 'Let me see.', reasoning: 'three\n\nfour', toolCalls: [asked('c')] },
      { role: 'tool', toolCallId: 'c', content: '3' },
    ]);
  });

  test('maps each message and call to its place in the request', () => {
    const items = [
      user('Hi'),
      assistant('Let me see.'),
      call('a'),
      thought,
      call('b'),
      output('b', '2'),
      output('a', '1'),
    ];
    expect(toConversation('Be brief.', placed(items)).sources).toEqual([
      { content: ['instructions'], calls: [] },
      { content: ['input', 0, 'content'], calls: [] },
      {
        content: ['input', 1, 'content'],
        calls: [
          ['input', 2],
          ['input', 4],
        ],
      },
      { content: ['input', 6, 'output'], calls: [] },
      { content: ['input', 5, 'output'], calls: [] },
    ]);
  });
});

test.each([
  ['a call without an output', [user('Hi'), call('a')], /^input\[1\]\.call_id: the call a has no output; send a/],
  ['an output without a call', [user('Hi'), output('a', '1')], /^input\[1\]\.call_id: there is no function_call a /],
  [
    'a second output',
    [call('a'), output('a', '1'), output('a', '2')],
    /^input\[2\]\.call_id: there is no function_call/,
  ],
])('%s is refused with its place', (_what, items, message) => {
  expect(() => read(...items)).toThrow(
    expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(message) }),
  );
});
