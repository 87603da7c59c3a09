import type { GenerateRequest } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../apis/openai/scripted-gateway.fixture.ts';

/** Posts a body, and returns the request that the engine gets. */
async function read(path: string, body: object) {
  const seen: GenerateRequest[] = [];
  const script = (request: GenerateRequest) => {
    seen.push(request);
    return { reply: 'Well.' };
  };
  await using context = await openScriptedGateway({ script });
  const response = await context.post(path, body);
  const { error } = (await response.json()) as { error?: { message: string } };
  return { status: response.status, message: error?.message ?? null, request: seen[0] };
}

const messages = [{ role: 'user', content: 'Hi' }];
const paths = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  anthropic: '/v1/messages',
} as const;
type Api = keyof typeof paths;
const apis = Object.keys(paths) as Api[];

const asked = (api: Api, fields: object) => {
  const base = { chat: { messages }, responses: { input: 'Hi' }, anthropic: { messages, max_tokens: 5 } };
  return read(paths[api], { ...base[api], ...fields });
};

const schema = { type: 'object', properties: { a: { type: 'string' } } };
const toolFor: Record<Api, (name: string, more?: object) => object> = {
  chat: (name, more) => ({ type: 'function', function: { name, parameters: schema, ...more } }),
  responses: (name, more) => ({ type: 'function', name, parameters: schema, ...more }),
  anthropic: (name, more) => ({ name, input_schema: schema, ...more }),
};

const limit: Record<Api, string> = { chat: 'max_tokens', responses: 'max_output_tokens', anthropic: 'max_tokens' };

describe.each(apis)('the API %s', (api) => {
  test('accepts 1,024 tools, names of 128 characters and long descriptions', { timeout: 20_000 }, async () => {
    const tools = Array.from({ length: 1024 }, (_, at) => toolFor[api](`tool_${at}`.padEnd(128, 'x')));
    tools[7] = toolFor[api]('described', { description: 'x'.repeat(20_000) });
    const { status, request } = await asked(api, { tools });
    expect(status).toBe(200);
    expect(request?.tools).toHaveLength(1024);
    const oneMore = await asked(api, { tools: [...tools, toolFor[api]('last')] });
    expect(oneMore).toMatchObject({ status: 400, message: expect.stringMatching(/^tools: .*1024/) });
  });

  test('accepts a token limit beyond any context, and top_p 0', async () => {
    const { status, request } = await asked(api, { [limit[api]]: 2 ** 53 - 1, top_p: 0 });
    expect(status).toBe(200);
    expect(request).toMatchObject({ topP: 0, maxTokens: 10_000_000 });
  });
});

test.each<[Api, string]>([
  ['chat', 'stop'],
  ['anthropic', 'stop_sequences'],
])('the API %s accepts 64 stop strings in %s', async (api, field) => {
  const stops = Array.from({ length: 64 }, (_, at) => `stop ${at}`);
  expect((await asked(api, { [field]: stops })).request?.stop).toEqual(stops);
  expect((await asked(api, { [field]: [...stops, 'x'] })).status).toBe(400);
});

test('a temperature over 2 is refused by the chat API and accepted by the native one', async () => {
  expect((await asked('chat', { temperature: 2.1 })).status).toBe(400);
  await using context = await openScriptedGateway();
  expect((await context.post('/v1/generations', { prompt: 'x', temperature: 5 })).status).toBe(202);
});

test.each<[Api, object]>([
  ['anthropic', { thinking: { type: 'adaptive', display: 'updates' } }],
  ['responses', { truncation: 'middle' }],
])('the API %s treats an unknown value of an optional field as the default: %j', async (api, fields) => {
  expect((await asked(api, fields)).status).toBe(200);
});

describe('allowed_tools', () => {
  const cases: Record<'chat' | 'responses', (mode: string, ...names: string[]) => object> = {
    chat: (mode, ...names) => ({
      type: 'allowed_tools',
      allowed_tools: { mode, tools: names.map((name) => ({ type: 'function', function: { name } })) },
    }),
    responses: (mode, ...names) => ({
      type: 'allowed_tools',
      mode,
      tools: [...names.map((name) => ({ type: 'function', name })), { type: 'mcp', server_label: 'docs' }],
    }),
  };

  test.each(['chat', 'responses'] as const)('of the API %s limits the tools that the model sees', async (api) => {
    const tools = ['a', 'b', 'c'].map((name) => toolFor[api](name));
    const { request } = await asked(api, { tools, tool_choice: cases[api]('required', 'a', 'c') });
    expect(request?.tools?.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(request?.toolChoice).toBe('required');
    const none = await asked(api, { tools, tool_choice: cases[api]('auto') });
    expect(none.request).toMatchObject({ messages: [{ role: 'user', content: 'Hi' }] });
    expect(none.request?.tools).toBe(undefined);
    expect((await asked(api, { tools, tool_choice: cases[api]('required') })).status).toBe(400);
  });
});

describe('tools with defer_loading', () => {
  const search = toolFor.anthropic('ToolSearch');
  const fetcher = toolFor.anthropic('WebFetch', { defer_loading: true });
  const toolNames = async (...fields: object[]) =>
    (await asked('anthropic', Object.assign({ tools: [fetcher, search] }, ...fields))).request?.tools?.map(
      ({ name }) => name,
    );
  const found = (content: unknown) => ({
    messages: [
      { role: 'user', content: 'fetch it' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'ToolSearch', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content }] },
    ],
  });

  test('reach the model once a tool result refers to them', async () => {
    expect(await toolNames()).toEqual(['ToolSearch']);
    expect(await toolNames(found('nothing'))).toEqual(['ToolSearch']);
    expect(await toolNames(found([{ type: 'tool_reference', tool_name: 'WebFetch' }]))).toEqual([
      'WebFetch',
      'ToolSearch',
    ]);
  });

  test('reach the model at once when tool_choice names them, or no tool could find them', async () => {
    expect(await toolNames({ tool_choice: { type: 'tool', name: 'WebFetch' } })).toEqual(['WebFetch', 'ToolSearch']);
    expect(await toolNames({ tools: [fetcher] })).toEqual(['WebFetch']);
    const hosted = { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' };
    expect(await toolNames({ tools: [fetcher, search, hosted] })).toEqual(['WebFetch', 'ToolSearch']);
  });
});

test.each(['x-anthropic-billing-header: cc_version=2.1.0.0b8; cc_entrypoint=cli;', 'x-anthropic-billing-header: y'])(
  'Anthropic’s billing block is left out of the prompt: %s',
  async (text) => {
    const rest = { type: 'text', text: 'You are an agent. It says: x-anthropic-billing-header' };
    const { request } = await asked('anthropic', { system: [{ type: 'text', text }, rest] });
    expect(request?.messages?.[0]).toEqual({ role: 'system', content: rest.text });
    expect((await asked('anthropic', { system: [{ type: 'text', text }] })).request?.messages).toHaveLength(1);
  },
);
