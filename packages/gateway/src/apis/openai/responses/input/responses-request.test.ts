import { generateRequest, parse } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { anonymousCaller } from '../../../../access/caller.ts';
import { resolveConversation } from '../kept/resolve-conversation.ts';
import { KeptResponses } from '../kept/kept-responses.ts';
import { readRequest } from './read-request.ts';
import { responsesRequest } from './responses-request.ts';

const read = async (body: object) => {
  const asked = parse(responsesRequest, { input: 'Hi', ...body });
  return readRequest(asked, await resolveConversation(asked, anonymousCaller, new KeptResponses())).input;
};
const messages = [{ role: 'user', content: 'Hi' }];

test('each field of Responses maps to the engine’s field, and the engine accepts the result', async () => {
  const input = await read({
    model: 'm',
    instructions: 'Be brief.',
    input: [
      { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' },
      { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}', status: 'completed' },
      { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: '42' }] },
    ],
    max_output_tokens: 7,
    temperature: 0,
    top_p: 0.5,
    top_k: -1,
    min_p: 0,
    repeat_penalty: 1.1,
    presence_penalty: 0.5,
    frequency_penalty: -0.5,
    logit_bias: { 5: -100, 6: 1.5 },
    seed: -3,
    ignore_eos: false,
    include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
    top_logprobs: 2,
    tools: [
      { type: 'function', name: 'f', description: null, parameters: { type: 'object' }, strict: true },
      { type: 'function', name: 'g', parameters: null },
    ],
    tool_choice: { type: 'function', name: 'f' },
    parallel_tool_calls: false,
  });
  expect(input).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
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
    seed: 2 ** 32 - 3,
    ignoreEos: false,
    logprobs: 2,
    tools: [{ name: 'f', parameters: { type: 'object' }, strict: true }, { name: 'g' }],
    toolChoice: { name: 'f' },
    parallelToolCalls: false,
  });
  expect(parse(generateRequest, input).tools).toMatchObject([{ strict: true }, { strict: false }]);
});

test('Responses ignores null, empty and unknown fields', async () => {
  const nothing = {
    instructions: null,
    max_output_tokens: -1,
    temperature: null,
    tools: [],
    tool_choice: 'auto',
    text: { format: { type: 'text' }, verbosity: 'low' },
    top_logprobs: 0,
    include: null,
    reasoning: { effort: null, summary: 'auto' },
    chat_template_kwargs: {},
    metadata: { a: 'b' },
    store: true,
    truncation: 'auto',
    service_tier: 'flex',
    stream_options: { include_obfuscation: false },
    previous_response_id: null,
    conversation: null,
    prompt: null,
    background: false,
    seed: -1,
    a_field_of_next_month: 1,
  };
  expect(await read(nothing)).toEqual({ messages });
});

test.each([
  [{ reasoning: { effort: 'high' } }, { reasoning_effort: 'high' }],
  [{ reasoning: { effort: 'none' } }, { reasoning_effort: 'none', enable_thinking: false, thinking: false }],
  [
    { reasoning: { effort: 'none' }, chat_template_kwargs: { thinking: true } },
    { reasoning_effort: 'none', thinking: true },
  ],
])('the fields %j set the template variables %j', async (body, chatTemplateKwargs) => {
  expect(await read(body)).toEqual({ messages, chatTemplateKwargs });
});

test.each([
  [{ format: { type: 'json_object' } }, { type: 'json' }],
  [
    { format: { type: 'json_schema', name: 'n', strict: true, schema: { type: 'object', required: [] } } },
    { type: 'json', schema: { type: 'object', required: [] }, strict: true },
  ],
])('the field text %j becomes the response format %j', async (text, responseFormat) => {
  expect(await read({ text })).toEqual({ messages, responseFormat });
});

test.each([
  [{ include: ['message.output_text.logprobs'] }, 0],
  [{ top_logprobs: 3 }, 3],
])('the fields %j ask for log-probabilities', async (body, logprobs) => {
  expect(await read(body)).toEqual({ messages, logprobs });
});

describe('Responses refuses, under its own field names,', () => {
  const item = (one: object) => ({ input: [{ role: 'user', content: 'Hi' }, one] });
  test.each<[object, RegExp]>([
    [{ input: undefined }, /^input: is missing; it must be a string or an array$/],
    [{ input: [] }, /^input: must have at least 1 entry$/],
    [{ input: 7 }, /^input: must be a string or an array, not a number$/],
    [{ input: ['Hi'] }, /^input\[0\]: expected an object with type$/],
    [item({ role: 'robot', content: 'Hi' }), /^input\[1\]\.role: use one of system, developer, user, assistant$/],
    [item({ role: 'user', content: 7 }), /^input\[1\]\.content: must be a string or an array, not a number$/],
    [
      item({
        role: 'user',
        content: [
          { type: 'input_text', text: 'x' },
          { type: 'input_image', image_url: 'x' },
        ],
      }),
      /^input\[1\]\.content\[1\]\.type: parts of type "input_image" are not supported; this model reads text only, send \{"type": "input_text"\}$/,
    ],
    [
      item({ role: 'user', content: [{ type: 'input_file', file_id: 'x' }] }),
      /content\[0\]\.type: parts of type "input_file" are/,
    ],
    [item({ role: 'user', content: [{ type: 'input_audio' }] }), /content\[0\]\.type: parts of type "input_audio" are/],
    [
      item({ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_smell' }] }),
      /^input\[1\]\.output\[0\]\.type: parts of type "input_smell" are not supported/,
    ],
    [
      item({ type: 'function_call', call_id: 'c', name: 'f' }),
      /^input\[1\]\.arguments: is missing; it must be a string$/,
    ],
    [
      item({ type: 'function_call', call_id: 'c', name: 'f g', arguments: '' }),
      /^input\[1\]\.name: use 1 to 128 letters/,
    ],
    [item({ type: 'item_reference', id: 5 }), /^input\[1\]\.id: must be a string, not a number$/],
    [item({ type: 'smell_call' }), /^input\[1\]\.type: items of type "smell_call" are not supported; send message, /],
    [
      item({ type: 'custom_tool_call', name: 'x', input: '' }),
      /^input\[1\]\.type: items of type "custom_tool_call" need a call_id of 1 to 256 characters$/,
    ],
    [
      { tools: [{ type: 'search' }] },
      /^tools\[0\]\.type: tools of type "search" are not supported; send tools of type "function"$/,
    ],
    [
      { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'custom', name: 'x' }] }] },
      /^tools\[0\]\.tools\[0\]\.type: tools of type "custom" are not supported/,
    ],
    [{ tools: [{ type: 'function' }] }, /^tools\[0\]\.name: is missing/],
    [
      { tools: [{ type: 'function', name: 'f', parameters: 7 }] },
      /^tools\[0\]\.parameters: must be an object, not a number$/,
    ],
    [{ tool_choice: 'some' }, /^tool_choice: must be one of: "none", "auto", "required"/],
    [
      { tool_choice: { type: 'file_search' } },
      /^tool_choice\.type: choices of type "file_search" are not supported; send none, auto/,
    ],
    [{ text: { format: { type: 'xml' } } }, /^text\.format\.type: /],
    [
      { text: { format: { type: 'json_schema', name: 'x' } } },
      /^text\.format\.schema: is missing; it must be an object$/,
    ],
    [{ reasoning: { effort: 5 } }, /^reasoning\.effort: must be a string, not a number$/],
    [{ reasoning: 'high' }, /^reasoning: must be an object, not a string$/],
    [{ chat_template_kwargs: 5 }, /^chat_template_kwargs: must be an object, not a number$/],
    [{ chat_template_kwargs: { tools: 5 } }, /^chat_template_kwargs\.tools: is set for every template already/],
    [
      item({ type: 'reasoning', content: [{ type: 'reasoning_text', text: 5 }] }),
      /^input\[1\]\.content\[0\]\.text: must be a string, not a number$/,
    ],
    [item({ type: 'reasoning', summary: 'x' }), /^input\[1\]\.summary: must be an array, not a string$/],
    [{ max_output_tokens: 0 }, /^max_output_tokens: /],
    [{ temperature: 'hot' }, /^temperature: must be a number, not a string$/],
    [{ top_logprobs: 21 }, /^top_logprobs: must be at most 20$/],
    [{ metadata: { a: 1 } }, /^metadata\.a: must be a string, not a number$/],
    [{ conversation: { id: 'conv_1' } }, /^conversation: is not supported; send `previous/],
    [{ prompt: { id: 'pmpt_1' } }, /^prompt: templates are not supported; send `instructions` and `input`$/],
    [{ background: true }, /^background: is not supported; stream, and send X-Headway-Resume: 1/],
  ])('%j', async (body, message) => {
    await expect(read(body)).rejects.toThrow(
      expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(message) }),
    );
  });
});
