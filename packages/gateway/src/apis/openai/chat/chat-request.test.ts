import { generateRequest, parse } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { chatRequest, toGenerateInput } from './chat-request.ts';
import { foldSeed } from '../../../surface/sampling/sampling-table.ts';

const messages = [{ role: 'user', content: 'Hi' }];

const read = (body: object) => toGenerateInput(parse(chatRequest, { messages, ...body }));

test('each field of chat maps to the engine’s field, and the engine accepts the result', () => {
  const input = read({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'Be ' },
          { type: 'text', text: 'kind.', cache_control: {} },
        ],
      },
      { role: 'user', content: 'Hi', name: 'ada' },
      {
        role: 'assistant',
        content: null,
        refusal: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: '42' },
    ],
    max_completion_tokens: 7,
    max_tokens: 9,
    temperature: 0,
    top_p: 0.5,
    top_k: -1,
    min_p: 0,
    repeat_penalty: 1.1,
    presence_penalty: 0.5,
    frequency_penalty: -0.5,
    logit_bias: { 5: -100, 6: 1.5 },
    seed: 3,
    stop: 'END',
    ignore_eos: false,
    logprobs: true,
    top_logprobs: 2,
    n: 2,
    tools: [
      { type: 'function', function: { name: 'f', description: null, parameters: { type: 'object' }, strict: true } },
    ],
    tool_choice: { type: 'function', function: { name: 'f' } },
    parallel_tool_calls: false,
  });
  expect(input).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'system',
        content: [
          { type: 'text', text: 'Be ' },
          { type: 'text', text: 'kind.' },
        ],
      },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }] },
      { role: 'tool', toolCallId: 'c', content: '42' },
    ],
    maxTokens: 7,
    temperature: 0,
    topP: 0.5,
    topK: 0,
    minP: 0,
    repeatPenalty: 1.1,
    presencePenalty: 0.5,
    frequencyPenalty: -0.5,
    logitBias: { 5: -100, 6: 1.5 },
    seed: 3,
    stop: ['END'],
    ignoreEos: false,
    logprobs: 2,
    choices: 2,
    tools: [{ name: 'f', parameters: { type: 'object' }, strict: true }],
    toolChoice: { name: 'f' },
    parallelToolCalls: false,
  });
  expect(generateRequest.safeParse(input).error).toBeUndefined();
});

test('chat ignores null, empty and unknown fields', () => {
  const silent = {
    model: null,
    max_tokens: null,
    max_completion_tokens: -1,
    temperature: null,
    stop: null,
    seed: -1,
    n: null,
    logprobs: false,
    top_logprobs: 3,
    tools: [],
    tool_choice: 'auto',
    response_format: { type: 'text' },
    stream_options: null,
    user: 'u',
    store: true,
    reasoning_effort: null,
    chat_template_kwargs: {},
    presence_penalty: null,
    frequency_penalty: null,
    logit_bias: null,
    tomorrow: {},
  };
  expect(read(silent)).toEqual({ messages });
  expect(read({ tool_choice: 'none' })).toEqual({ messages });
});

test('n: 1 and JSON formats are passed on to the engine', () => {
  expect(read({ n: 1 })).toMatchObject({ choices: 1 });
  const formatOf = (response_format: object) => read({ response_format }).responseFormat;
  // A list is JSON but not an object.
  expect(formatOf({ type: 'json_object' })).toEqual({ type: 'json' });
  expect(formatOf({ type: 'json_object', schema: {} })).toEqual({ type: 'json' });
  expect(formatOf({ type: 'json_object', schema: null })).toEqual({ type: 'json' });
  const schema = { type: 'array', items: { type: 'string' } };
  expect(formatOf({ type: 'json_schema', json_schema: { name: 'x', strict: true, schema } })).toEqual({
    type: 'json',
    schema,
    strict: true,
  });
  expect(formatOf({ type: 'json_schema', json_schema: { schema } })).toEqual({ type: 'json', schema });
  expect(formatOf({ type: 'json_object', schema })).toEqual({ type: 'json', schema });
  expect(read({ tool_choice: 'required' })).toMatchObject({ toolChoice: 'required' });
});

test('tool_choice names a function with a type, or without one as Hugging Face sends it', () => {
  const choiceOf = (tool_choice: object) => read({ tool_choice }).toolChoice;
  expect(choiceOf({ type: 'function', function: { name: 'f' } })).toEqual({ name: 'f' });
  expect(choiceOf({ function: { name: 'f' } })).toEqual({ name: 'f' });
});

test('a refusal of the assistant becomes its text', () => {
  const said = (message: object) => read({ messages: [...messages, { role: 'assistant', ...message }] }).messages?.[1];
  const refusal = 'I would rather not.';
  expect(said({ content: [{ type: 'refusal', refusal }] })).toEqual({
    role: 'assistant',
    content: [{ type: 'text', text: refusal }],
  });
  expect(said({ content: null, refusal })).toEqual({ role: 'assistant', content: refusal });
  expect(said({ content: 'Well', refusal: null, function_call: null })).toEqual({ role: 'assistant', content: 'Well' });
});

test.each([
  [{ chat_template_kwargs: { enable_thinking: true, a: [1] } }, { enable_thinking: true, a: [1] }],
  [{ reasoning_effort: 'minimal' }, { reasoning_effort: 'minimal' }],
  [{ reasoning_effort: 'none' }, { reasoning_effort: 'none', enable_thinking: false, thinking: false }],
  [{ reasoning_effort: 'low', chat_template_kwargs: { reasoning_effort: 'high' } }, { reasoning_effort: 'high' }],
  [
    { reasoning_effort: 'none', chat_template_kwargs: { enable_thinking: true } },
    { reasoning_effort: 'none', enable_thinking: true },
  ],
])('the fields %j set the template variables %j', (body, chatTemplateKwargs) => {
  const input = read(body);
  expect(input).toEqual({ messages, chatTemplateKwargs });
  expect(generateRequest.safeParse(input).error).toBeUndefined();
});

test('reasoning_content and reasoning become the message’s reasoning', () => {
  const said = (message: object) =>
    read({ messages: [...messages, { role: 'assistant', content: 'x', ...message }] }).messages?.[1];
  const expected = { role: 'assistant', content: 'x', reasoning: 'hm' };
  expect(said({ reasoning_content: 'hm' })).toEqual(expected);
  expect(said({ reasoning: 'hm' })).toEqual(expected);
  expect(said({ reasoning_content: 'hm', reasoning: 'ha' })).toEqual(expected);
  expect(said({ reasoning_content: null, reasoning: '' })).toEqual({ role: 'assistant', content: 'x' });
});

test('max_completion_tokens takes precedence over max_tokens', () => {
  expect(read({ max_tokens: 5 })).toMatchObject({ maxTokens: 5 });
  expect(read({ max_completion_tokens: 7 })).toMatchObject({ maxTokens: 7 });
  expect(read({ max_tokens: 5, max_completion_tokens: -1 })).not.toHaveProperty('maxTokens');
});

test('empty `functions` and function_call none or auto are ignored', () => {
  expect(read({ functions: [], function_call: 'auto' })).toEqual({ messages });
  expect(read({ functions: null, function_call: null })).toEqual({ messages });
});

test.each([
  [0, 0],
  [1, 1],
  [2 ** 32, 0],
  [2 ** 32 + 5, 5],
  [-2, 2 ** 32 - 2],
  [9_007_199_254_740_991, 4_294_967_295],
  [1e300, expect.any(Number)],
  [null, null],
  [undefined, null],
  [-1, null],
])('seed %s folds to %s', (seed, folded) => {
  const result = foldSeed(seed);
  expect(result).toEqual(folded);
  expect(result === null || (result >= 0 && result < 2 ** 32 && Number.isInteger(result))).toBe(true);
});

describe('chat refuses by name', () => {
  test.each<[string, object]>([
    ['messages', { messages: 'Hi' }],
    ['messages', { messages: [] }],
    ['messages[0]', { messages: ['Hi'] }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 5 }] }],
    [
      'messages[0].content[0].type',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
    ],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    ['model', { model: 5 }],
    ['stream', { stream: 'yes' }],
    ['stream_options.include_usage', { stream_options: { include_usage: 1 } }],
    ['max_tokens', { max_tokens: 'many' }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_completion_tokens', { max_completion_tokens: 1.5 }],
    ['temperature', { temperature: 'hot' }],
    ['temperature', { temperature: 2.5 }],
    ['top_p', { top_p: 7 }],
    ['top_k', { top_k: -2 }],
    ['min_p', { min_p: 2 }],
    ['repeat_penalty', { repeat_penalty: 0 }],
    ['presence_penalty', { presence_penalty: 2.5 }],
    ['frequency_penalty', { frequency_penalty: 'much' }],
    ['logit_bias', { logit_bias: 5 }],
    ['logit_bias.5', { logit_bias: { 5: 101 } }],
    ['logit_bias.5', { logit_bias: { 5: true } }],
    ['logit_bias[0][0]', { logit_bias: [['the', -1]] }],
    ['logit_bias[0][1]', { logit_bias: [[5, null]] }],
    ['logit_bias[0]', { logit_bias: [[5]] }],
    ['seed', { seed: 1.5 }],
    ['seed', { seed: '7' }],
    ['stop', { stop: 5 }],
    ['stop[0]', { stop: [5] }],
    ['ignore_eos', { ignore_eos: 'no' }],
    ['n', { n: 0 }],
    ['logprobs', { logprobs: 3 }],
    ['top_logprobs', { top_logprobs: 99 }],
    ['response_format.type', { response_format: { type: 'xml' } }],
    ['response_format.schema', { response_format: { type: 'json_object', schema: 'an object' } }],
    ['tools', { tools: {} }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tool_choice', { tool_choice: 'maybe' }],
    ['tool_choice.function', { tool_choice: {} }],
    ['tool_choice.type', { tool_choice: { type: 'any', function: { name: 'f' } } }],
    ['return_progress', { return_progress: 'yes' }],
    ['timings_per_token', { timings_per_token: 'yes' }],
    ['parallel_tool_calls', { parallel_tool_calls: 'yes' }],
    ['tools[0].function.strict', { tools: [{ type: 'function', function: { name: 'f', strict: 'yes' } }] }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['reasoning_effort', { reasoning_effort: 5 }],
    ['chat_template_kwargs', { chat_template_kwargs: [] }],
    ['chat_template_kwargs.messages', { chat_template_kwargs: { messages: [] } }],
    ['messages[0].reasoning_content', { messages: [{ role: 'assistant', content: 'x', reasoning_content: 5 }] }],
    ['messages[0].reasoning', { messages: [{ role: 'assistant', content: 'x', reasoning: {} }] }],
    ['function_call', { function_call: { name: 'f' } }],
    ['messages[0].role', { messages: [{ role: 'function', name: 'f', content: '42' }] }],
    [
      'messages[0].function_call',
      { messages: [{ role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } }] },
    ],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'refusal', refusal: 'no' }] }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'assistant', content: [{ type: 'image_url' }] }] }],
  ])('%s: %j', (field, body) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        message: expect.stringMatching(new RegExp(`^${field.replace(/[[\].]/g, '\\$&')}: `)),
      }),
    );
  });

  test('deprecated fields, with their successors', () => {
    expect(() => read({ functions: [{ name: 'f' }] })).toThrow(/`tools`/);
    expect(() => read({ function_call: { name: 'f' } })).toThrow(/`tool_choice`/);
    expect(() => read({ messages: [{ role: 'function', content: 'x' }] })).toThrow(/role tool and its tool_call_id/);
  });
});
