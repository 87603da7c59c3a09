import { describe, expect, test } from 'vitest';

import type { AnthropicMessage } from './content-blocks.ts';
import { conversationFaults, toMessages } from './conversation.ts';

const text = (said: string) => ({ type: 'text' as const, text: said });
const call = (id: string, input = {}) => ({ type: 'tool_use' as const, id, name: 'weather', input });
const result = (tool_use_id: string, content?: string) => ({ type: 'tool_result' as const, tool_use_id, content });
const user = (
  ...content: Exclude<Extract<AnthropicMessage, { role: 'user' }>['content'], string>
): AnthropicMessage => ({
  role: 'user',
  content,
});
const assistant = (
  ...content: Exclude<Extract<AnthropicMessage, { role: 'assistant' }>['content'], string>
): AnthropicMessage => ({ role: 'assistant', content });
const asked: AnthropicMessage = { role: 'user', content: 'Warm?' };

const faults = (...messages: AnthropicMessage[]) =>
  [...conversationFaults(messages)].map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('Anthropic’s messages', () => {
  test('with several texts have them joined without a separator', () => {
    expect(toMessages([user(text('a'), text('b'))])).toEqual([{ role: 'user', content: 'ab' }]);
  });

  test('of one role in a row become one message with a paragraph for each', () => {
    expect(toMessages([{ role: 'user', content: 'a' }, user(text('b')), { role: 'assistant', content: 'c' }])).toEqual([
      { role: 'user', content: 'a\n\nb' },
      { role: 'assistant', content: 'c' },
    ]);
  });

  test('have tool results right after their calls, and then the user’s text', () => {
    const turns = [
      asked,
      assistant(text('Let me see.'), call('a', { city: 'Oslo' }), call('b')),
      user(text('Well?'), result('b'), result('a', '3')),
    ];
    expect(toMessages(turns)).toEqual([
      { role: 'user', content: 'Warm?' },
      {
        role: 'assistant',
        content: 'Let me see.',
        toolCalls: [
          { id: 'a', name: 'weather', arguments: '{"city":"Oslo"}' },
          { id: 'b', name: 'weather', arguments: '{}' },
        ],
      },
      { role: 'tool', toolCallId: 'b', content: '' },
      { role: 'tool', toolCallId: 'a', content: '3' },
      { role: 'user', content: 'Well?' },
    ]);
    expect(faults(...turns)).toEqual([]);
  });

  test('mark a failed result with "Error" once', () => {
    const resultOf = (content: string) =>
      toMessages([user({ type: 'tool_result', tool_use_id: 'a', content: [text(content)], is_error: true })]);
    expect(resultOf('no such city')).toEqual([{ role: 'tool', toolCallId: 'a', content: 'Error: no such city' }]);
    expect(resultOf('Error 404')).toEqual([{ role: 'tool', toolCallId: 'a', content: 'Error 404' }]);
  });

  test('keep earlier reasoning in its message, unless it is redacted or empty', () => {
    const think = (thinking: string) => ({ type: 'thinking' as const, thinking });
    const call = { type: 'tool_use' as const, id: 'a', name: 'f', input: {} };
    expect(
      toMessages([asked, assistant(think('one'), think(''), call), assistant(think('two'), text('Well.'))]),
    ).toEqual([
      { role: 'user', content: 'Warm?' },
      {
        role: 'assistant',
        content: 'Well.',
        reasoning: 'one\n\ntwo',
        toolCalls: [{ id: 'a', name: 'f', arguments: '{}' }],
      },
    ]);
    expect(toMessages([asked, assistant(think(''), text('It is'))])).toEqual([
      { role: 'user', content: 'Warm?' },
      { role: 'assistant', content: 'It is' },
    ]);
  });

  test('may end with a message of the assistant, which the model continues', () => {
    const thought = { type: 'thinking' as const, thinking: 'hm', signature: 'x' };
    const hidden = { type: 'redacted_thinking' as const, data: 'x' };
    expect(toMessages([asked, assistant(thought, hidden, text('It is'))])).toEqual([
      { role: 'user', content: 'Warm?' },
      { role: 'assistant', content: 'It is', reasoning: 'hm' },
    ]);
  });

  test('keep an empty message of the assistant', () => {
    expect(toMessages([asked, assistant()])).toEqual([
      { role: 'user', content: 'Warm?' },
      { role: 'assistant', content: '' },
    ]);
  });
});

describe('a conversation of Anthropic’s API is refused, by the path of the fault, for', () => {
  test.each<[string, AnthropicMessage[], RegExp]>([
    [
      'no result',
      [asked, assistant(text('x'), call('a')), { role: 'user', content: 'Well?' }],
      /^messages\.1\.content\.1: the call a has no result; .*tool_result/,
    ],
    ['no result at the end', [asked, assistant(call('a'))], /^messages\.1\.content\.0: the call a has no result/],
    [
      'a missing result',
      [asked, assistant(call('a'), call('b')), user(result('a'))],
      /^messages\.1\.content\.1: the call b/,
    ],
    ['a result without a call', [user(result('a'))], /^messages\.0\.content\.0\.tool_use_id: answers no open call/],
    [
      'a second result for the same call',
      [asked, assistant(call('a')), user(result('a'), result('a'))],
      /^messages\.2\.content\.1\.tool_use_id: answers no open call/,
    ],
    [
      'two calls with the same id',
      [asked, assistant(call('a'), call('a')), user(result('a'))],
      /^messages\.1\.content\.1\.id: a appears twice/,
    ],
    [
      'too many calls',
      [
        asked,
        assistant(...Array.from({ length: 129 }, (_, at) => call(`${at}`))),
        user(...Array.from({ length: 129 }, (_, at) => result(`${at}`))),
      ],
      /^messages\.1\.content: has 129 calls; send 128/,
    ],
  ])('%s', (_what, messages, fault) => {
    expect(faults(...messages)).toEqual([expect.stringMatching(fault)]);
  });

  test('nothing if one message has the results for calls of several messages', () => {
    expect(faults(asked, assistant(call('a')), assistant(call('b')), user(result('a')), user(result('b')))).toEqual([]);
  });
});
