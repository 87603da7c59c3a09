import { generateRequest, parse } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { countTokensRequest, messagesRequest, thinkingShown, toGenerateInput } from './messages-request.ts';

const messages = [{ role: 'user', content: 'Hi' }];

const read = (body: object) => toGenerateInput(parse(messagesRequest, { max_tokens: 64, messages, ...body }));
const weather = { name: 'weather', description: 'Of a city.', input_schema: { type: 'object' } };

test('each field of /v1/messages maps to the engine’s field, and the engine accepts the result', () => {
  const input = read({
    model: 'm',
    system: [
      { type: 'text', text: 'Be brief. ', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'Be kind.' },
    ],
    max_tokens: 100_000,
    stop_sequences: ['END'],
    temperature: 0,
    top_p: 0.5,
    top_k: 3,
    tools: [{ type: 'custom', ...weather, strict: true, cache_control: { type: 'ephemeral' } }],
    tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
  });
  expect(input).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief. Be kind.' },
      { role: 'user', content: 'Hi' },
    ],
    maxTokens: 100_000,
    stop: ['END'],
    temperature: 0,
    topP: 0.5,
    topK: 3,
    tools: [{ name: 'weather', description: 'Of a city.', parameters: { type: 'object' }, strict: true }],
    toolChoice: { name: 'weather' },
    parallelToolCalls: false,
  });
  expect(generateRequest.safeParse(input).success).toBe(true);
});

test("/v1/messages reads llama.cpp's extensions", () => {
  const penalties = { repeat_penalty: 1.5, presence_penalty: 1, frequency_penalty: 2, logit_bias: [[5, false]] };
  const extensions = { seed: -2, min_p: 0.2, ...penalties, ignore_eos: true, cache_prompt: true };
  const body = { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 5, ...extensions };
  expect(toGenerateInput(parse(messagesRequest, body))).toMatchObject({
    seed: 2 ** 32 - 2,
    minP: 0.2,
    repeatPenalty: 1.5,
    presencePenalty: 1,
    frequencyPenalty: 2,
    logitBias: { 5: -100 },
    ignoreEos: true,
  });
});

test('/v1/messages ignores null, empty and unknown fields', () => {
  const silent = {
    model: null,
    system: '',
    stop_sequences: null,
    temperature: null,
    tools: [],
    tool_choice: { type: 'auto' },
    thinking: null,
    chat_template_kwargs: null,
    output_config: { effort: 'low', format: null },
    metadata: { user_id: 'u' },
    service_tier: 'auto',
    cache_control: { type: 'ephemeral' },
    container: 'c',
    betas: ['x'],
    tomorrow: {},
  };
  expect(read(silent)).toEqual({ messages, maxTokens: 64 });
  expect(read({ tool_choice: { type: 'none' } })).toEqual({ messages, maxTokens: 64 });
});

test.each([
  ['auto', 'auto'],
  ['any', 'required'],
  ['none', 'none'],
])('the tool_choice %s becomes %s', (type, toolChoice) => {
  expect(read({ tools: [weather], tool_choice: { type } })).toMatchObject({ toolChoice });
});

test.each(['output_config', 'output_format'])('a JSON schema in %s becomes the response format', (field) => {
  const format = { type: 'json_schema', schema: { type: 'object' } };
  expect(read({ [field]: field === 'output_config' ? { format } : format })).toMatchObject({
    responseFormat: { type: 'json', schema: { type: 'object' } },
  });
});

test.each([
  [undefined, 'all'],
  [{ type: 'enabled', budget_tokens: 2048 }, 'all'],
  [{ type: 'adaptive', display: 'summarized' }, 'all'],
  [{ type: 'adaptive', display: 'omitted' }, 'omitted'],
  [{ type: 'disabled' }, 'none'],
])('the thinking %j shows %s of the reasoning', (thinking, shown) => {
  expect(thinkingShown(parse(messagesRequest, { max_tokens: 64, messages, thinking }))).toBe(shown);
});

test.each([
  [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, { enable_thinking: true, thinking: true }],
  [{ thinking: { type: 'adaptive' } }, { enable_thinking: true, thinking: true }],
  [{ thinking: { type: 'disabled' } }, { enable_thinking: false, thinking: false }],
  [{ thinking: { type: 'disabled' }, chat_template_kwargs: { thinking: true } }, { thinking: true }],
  [{ chat_template_kwargs: { a: 1 } }, { a: 1 }],
])('the fields %j set the template variables %j', (body, kwargs) => {
  const input = read(body);
  expect(input).toEqual({ messages, maxTokens: 64, chatTemplateKwargs: kwargs });
  expect(generateRequest.safeParse(input).error).toBeUndefined();
});

describe('a request of count_tokens', () => {
  test('needs no max_tokens', () => {
    expect(toGenerateInput(parse(countTokensRequest, { messages }))).toEqual({ messages });
  });

  test('is refused for the same errors as one of /v1/messages', () => {
    expect(() => parse(countTokensRequest, { messages: [{ role: 'user', content: 5 }] })).toThrow(
      /^messages\[0\]\.content: /,
    );
    const call = { type: 'tool_use', id: 'c', name: 'f', input: {} };
    expect(() => parse(countTokensRequest, { messages: [{ role: 'assistant', content: [call] }] })).toThrow(
      /^messages\[0\]\.content\[0\]: the call c has no result/,
    );
  });
});

describe('/v1/messages refuses by name', () => {
  const text = { type: 'text', text: 'x' };
  const user = (...content: object[]) => ({ messages: [{ role: 'user', content }] });
  const assistant = (...content: object[]) => ({ messages: [{ role: 'assistant', content }] });

  test.each<[string, object]>([
    ['max_tokens', { max_tokens: undefined }],
    ['max_tokens', { max_tokens: 'many' }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['messages', { messages: 'Hi' }],
    ['messages', { messages: [] }],
    ['messages[0]', { messages: ['Hi'] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 5 }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: [] }] }],
    ['messages[0].content[1].type', user(text, { type: 'image', source: { type: 'url', url: 'x' } })],
    ['messages[0].content[0].type', user({ type: 'document', source: {} })],
    ['messages[0].content[0].type', user({ type: 'tool_use', id: 'c', name: 'f', input: {} })],
    ['messages[0].content[0].text', user({ type: 'text' })],
    ['messages[0].content[0].tool_use_id', user({ type: 'tool_result', content: 'x' })],
    [
      'messages[0].content[0].content[0].type',
      user({ type: 'tool_result', tool_use_id: 'c', content: [{ type: 'smell', source: {} }] }),
    ],
    ['messages[0].content[0].type', assistant({ type: 'smell', id: 'c' })],
    ['messages[0].content[0].input', assistant({ type: 'tool_use', id: 'c', name: 'f', input: 'x' })],
    [
      'messages[0].content[0].name',
      {
        messages: [
          { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'no spaces', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c' }] },
        ],
      },
    ],
    ['model', { model: 5 }],
    ['system', { system: 5 }],
    ['system[0].type', { system: [{ type: 'image' }] }],
    ['stream', { stream: 'yes' }],
    ['stop_sequences', { stop_sequences: 'END' }],
    ['stop_sequences[0]', { stop_sequences: [5] }],
    ['temperature', { temperature: 'hot' }],
    ['top_p', { top_p: 7 }],
    ['top_k', { top_k: -2 }],
    ['tools', { tools: {} }],
    ['tools[0].name', { tools: [{ ...weather, name: undefined }] }],
    ['tools[0].input_schema', { tools: [{ name: 'f' }] }],
    ['tools[0].type', { tools: [{ type: 'search', name: 'web_search' }] }],
    ['tools[0].strict', { tools: [{ ...weather, strict: 'yes' }] }],
    ['tool_choice.type', { tool_choice: { type: 'maybe' } }],
    ['tool_choice.name', { tools: [weather], tool_choice: { type: 'tool' } }],
    ['thinking.type', { thinking: { type: 'hard' } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: 'all' } }],
    ['chat_template_kwargs', { chat_template_kwargs: 'x' }],
    ['chat_template_kwargs.messages', { chat_template_kwargs: { messages: [] } }],
    ['output_config.format.type', { output_config: { format: { type: 'xml' } } }],
    ['output_config.format.schema', { output_config: { format: { type: 'json_schema' } } }],
    ['min_p', { min_p: 2 }],
    ['repeat_penalty', { repeat_penalty: 9 }],
    ['presence_penalty', { presence_penalty: 9 }],
    ['logit_bias.5', { logit_bias: { 5: 900 } }],
    ['seed', { seed: 0.5 }],
    ['ignore_eos', { ignore_eos: 'yes' }],
    ['return_progress', { return_progress: 'yes' }],
  ])('%s: %j', (field, body) => {
    const refusal = (() => {
      try {
        return read(body);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(refusal).toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(new RegExp(`^${field.replace(/[[\].]/g, '\\$&')}: (?!.*; [\\w.[\\]]+: )`)),
    });
  });

  test('features of Anthropic only, with an alternative', () => {
    expect(() => read({ tools: [{ type: 'search', name: 'web_search' }] })).toThrow(/"search".*input_schema/);
    expect(() => read(user({ type: 'image', source: {} }))).toThrow(/"image".*send text or tool_result/);
  });
});
