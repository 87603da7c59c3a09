import type { Issue } from '@headway/protocol';
import { createTRPCClient, createWSClient, TRPCClientError, wsLink } from '@trpc/client';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { openScriptedGateway } from '../apis/openai/scripted-gateway.fixture.ts';
import type { AppRouter } from '../trpc/router/headway-router.ts';
import { fieldNames, renamePath, withToolPlaces } from './field-names.ts';

const messages = [{ role: 'user', content: 'x' }];
/** A grammar cannot enforce `not`, so a strict schema with it is refused. `maxTokens` is the user's name here. */
const schema = { type: 'object', properties: { maxTokens: { type: 'string', not: { const: 'a' } } } };
const chatTool = { type: 'function', function: { name: 'f', parameters: schema, strict: true } };
const hosted = { type: 'web_search' };
const anthropicTool = { name: 'f', input_schema: schema, strict: true };

test.each<[path: string, body: object, param: string, message: RegExp]>([
  ['/v1/chat/completions', { messages, top_p: 2 }, 'top_p', /^top_p: must be at most 1$/],
  ['/v1/chat/completions', { messages, n: 3 }, 'n', /^n: 3 choices need 3 slots/],
  ['/v1/chat/completions', { messages, model: 'x' }, 'model', /^model: there is no "x"/],
  [
    '/v1/chat/completions',
    { messages, response_format: { type: 'json_object' }, stop: 'x' },
    'stop',
    /^stop: could cut the text that response_format requires/,
  ],
  [
    '/v1/chat/completions',
    { messages, guided_json: { type: 'object' }, ignore_eos: true },
    'ignore_eos',
    /^ignore_eos: cannot be combined with guided_json;/,
  ],
  [
    '/v1/chat/completions',
    { messages, tools: [chatTool], tool_choice: { type: 'function', function: { name: 'g' } } },
    'tool_choice.function.name',
    /name one of `tools`/,
  ],
  [
    '/v1/chat/completions',
    { messages, tools: [hosted, chatTool] },
    'tools[1].function.parameters.properties.maxTokens.not',
    /^tools\[1\]\.function\.parameters\.properties\.maxTokens\.not: /,
  ],
  ['/v1/completions', { prompt: 'x', n: 3 }, 'n', /^n: 3 choices need 3 slots/],
  ['/v1/completions', { prompt: '' }, 'prompt', /^prompt: is empty/],
  ['/v1/responses', { input: 'x', max_output_tokens: 0 }, 'max_output_tokens', /^max_output_tokens: /],
  [
    '/v1/responses',
    { input: 'x', text: { format: { type: 'json_schema', name: 'a', schema, strict: true } } },
    'text.format.schema.properties.maxTokens.not',
    /^text\.format\.schema\.properties\.maxTokens\.not: /,
  ],
  [
    '/v1/responses',
    { input: 'x', ignore_eos: true, text: { format: { type: 'json_object' } } },
    'ignore_eos',
    /^ignore_eos: cannot be combined with text\.format;/,
  ],
])('POST %s with %j names %s', async (path, body, param, message) => {
  await using context = await openScriptedGateway({}, { parallel: 1 });
  const answer = (await (await context.post(path, body)).json()) as { error: object };
  expect(answer.error).toMatchObject({ param, message: expect.stringMatching(message) });
});

test.each<[body: object, message: RegExp]>([
  [{ top_k: -2 }, /^top_k: must be at least 0$/],
  [{ stop_sequences: [''] }, /^stop_sequences\[0\]: must have at least 1 character$/],
  [
    { stop_sequences: ['x'], output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    /^stop_sequences: could cut the text that output_config\.format requires/,
  ],
  [
    { tools: [{ type: 'web_search_20250305', name: 'web_search' }, anthropicTool] },
    /^tools\[1\]\.input_schema\.properties\.maxTokens\.not: /,
  ],
  [{ tools: [anthropicTool], tool_choice: { type: 'tool', name: 'g' } }, /^tool_choice\.name: there is no tool g/],
])('POST /v1/messages with %j names the field as Anthropic does', async (body, message) => {
  await using context = await openScriptedGateway({}, { parallel: 1 });
  const answer = (await (await context.post('/v1/messages', { messages, max_tokens: 9, ...body })).json()) as {
    error: { message: string };
  };
  expect(answer.error.message).toMatch(message);
});

test('a message in the names of the API counts all wrong fields, as the engine does', async () => {
  await using context = await openScriptedGateway();
  const tools = Array.from({ length: 30 }, () => ({ type: 'function', function: { name: 'a b' } }));
  const body = { messages: [{ role: 'user', content: 'x' }], tools };
  const { error } = (await (await context.post('/v1/chat/completions', body)).json()) as { error: { message: string } };
  expect(error.message).toMatch(/^tools\[0\]\.function\.name: .*; and 25 more$/s);
});

describe('the issues of a refused request', () => {
  const asked = { prompt: 'x', choices: 3 };
  const issue: Issue = { path: ['choices'], message: expect.any(String) as string, expected: 'at most 1' };

  test('are in the body of a native route', async () => {
    await using context = await openScriptedGateway({}, { parallel: 1 });
    const schemaFault = await (await context.post('/v1/generations', { prompt: 'x', topK: -1 })).json();
    expect(schemaFault).toMatchObject({
      error: { issues: [{ path: ['topK'], message: 'must be at least 0', expected: 'at least 0' }] },
    });
    expect(await (await context.post('/v1/generations', asked)).json()).toMatchObject({ error: { issues: [issue] } });
  });

  test('are in data.headway over a WebSocket', async () => {
    await using context = await openScriptedGateway({}, { parallel: 1 });
    const socket = createWSClient({
      url: `${context.gateway.url.replace('http', 'ws')}/trpc`,
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    });
    try {
      const client = createTRPCClient<AppRouter>({ links: [wsLink<AppRouter>({ client: socket })] });
      for (const [input, expected] of [
        [asked, issue],
        [
          { prompt: 'x', topK: -1 },
          { path: ['topK'], message: 'must be at least 0', expected: 'at least 0' },
        ],
      ] as const) {
        const thrown: unknown = await client.estimate.mutate(input).catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(TRPCClientError);
        expect((thrown as TRPCClientError<AppRouter>).data).toMatchObject({ headway: { issues: [expected] } });
      }
    } finally {
      await socket.close();
    }
  });
});

test('the longest matching row renames a path, and a tool gets its path in the request', () => {
  const names = fieldNames({ a: 'b', 'a[].c': 'b[].x.c', 'tools[].name': 'tools[].f.name' }, 'prompt');
  expect(renamePath('a', names)).toBe('b');
  expect(renamePath('a[3].c.a', names)).toBe('b[3].x.c.a');
  expect(renamePath('a[3].d', names)).toBe('b[3].d');
  expect(renamePath('other', names)).toBe('other');
  const placed = withToolPlaces(names, {
    places: [
      ['tools', 2],
      ['tools', 4, 'tools', 1],
    ],
  });
  expect(renamePath('tools[0].name', placed)).toBe('tools[2].f.name');
  expect(renamePath('tools[1].parameters', placed)).toBe('tools[4].tools[1].parameters');
  expect(renamePath('tools', placed)).toBe('tools');
});
