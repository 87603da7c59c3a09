import type { GenerateRequest } from '@headway/protocol';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';

import { openScriptedGateway, recordsOf } from '../../apis/openai/scripted-gateway.fixture.ts';

const parameters = { type: 'object', properties: { target: { type: 'string' } } };
const user = { role: 'user', content: 'Hi' };

/** A request for each API; its second and its last tool are hosted. */
const requests: Record<string, { body: object; leftOut: string; families: string[] }> = {
  '/v1/chat/completions': {
    body: {
      messages: [user],
      tools: [
        { type: 'function', function: { name: 'close', parameters } },
        { type: 'web_search' },
        { type: 'function', function: { name: 'open', parameters } },
        { type: 'code_interpreter', container: { type: 'auto' } },
      ],
    },
    leftOut: 'web_search, code_interpreter',
    families: ['web_search', 'code_interpreter'],
  },
  '/v1/responses': {
    body: {
      input: 'Hi',
      tools: [
        { type: 'function', name: 'close', parameters },
        { type: 'web_search', external_web_access: false },
        { type: 'function', name: 'open', parameters },
        { type: 'mcp', server_label: 'docs', server_url: 'https://docs.example' },
        { type: 'image_generation' },
      ],
    },
    leftOut: 'web_search, mcp, image_generation',
    families: ['web_search', 'mcp', 'image_generation'],
  },
  '/v1/messages': {
    body: {
      max_tokens: 100,
      messages: [user],
      tools: [
        { name: 'close', input_schema: parameters },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
        { name: 'open', input_schema: parameters },
        { type: 'bash_20250124', name: 'bash' },
      ],
      mcp_servers: [{ type: 'url', url: 'https://docs.example', name: 'docs' }],
    },
    leftOut: 'web_search_20250305, bash_20250124, mcp_servers',
    families: ['web_search', 'bash', 'mcp'],
  },
};
const paths = Object.keys(requests);

/** A logger, and the families in its lines. */
function openLog() {
  const lines: { level: number; leftOut?: string[] }[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  return { logger, leftOut: () => lines.flatMap(({ leftOut }) => (leftOut ? [leftOut] : [])) };
}

test.each(paths)(
  '%s leaves hosted tools out, and reports them in each answer’s header and once in the log',
  async (path) => {
    const seen: (string[] | undefined)[] = [];
    const script = ({ tools }: RecordedFields) => {
      seen.push(tools?.map(({ name }) => name));
      return { reply: 'Hello' };
    };
    const { logger, leftOut } = openLog();
    await using context = await openScriptedGateway({ script }, {}, { logger });
    const { body = {}, leftOut: expected, families } = requests[path] ?? {};
    for (const stream of [false, true]) {
      const response = await context.post(path, { ...body, stream });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-headway-tools-left-out')).toBe(expected);
      await response.text();
    }
    expect(seen).toEqual([
      ['close', 'open'],
      ['close', 'open'],
    ]);
    expect(leftOut()).toEqual([families]);
  },
);

test.each(paths)('%s sets no header and logs nothing when it leaves out no tool', async (path) => {
  const { logger, leftOut } = openLog();
  await using context = await openScriptedGateway({}, {}, { logger });
  const response = await context.post(path, { ...requests[path]?.body, tools: [], mcp_servers: [] });
  expect(response.status).toBe(200);
  expect(response.headers.has('x-headway-tools-left-out')).toBe(false);
  expect(leftOut()).toEqual([]);
});

test.each<[string, object, string]>([
  ['/v1/chat/completions', { type: 'function', function: { name: 'close', parameters } }, 'tools[4].function.name'],
  ['/v1/responses', { type: 'function', name: 'close', parameters }, 'tools[5].name'],
  ['/v1/messages', { name: 'close', input_schema: parameters }, 'tools[4].name'],
])('%s names a wrong tool by its path in the request', async (path, tool, place) => {
  await using context = await openScriptedGateway();
  const { body = {} } = requests[path] ?? {};
  const { tools } = body as { tools: object[] };
  const response = await context.post(path, { ...body, tools: [...tools, tool] });
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(error.message.startsWith(`${place}: close appears twice`)).toBe(true);
});

test.each<[string, object]>([
  ['/v1/chat/completions', { type: 'functoin', function: { name: 'f' } }],
  ['/v1/chat/completions', { type: 'custom', custom: { name: 'f' } }],
  ['/v1/responses', { type: 'custom', name: 'f' }],
  ['/v1/messages', { type: 'websearch', name: 'f' }],
])('%s refuses an unknown type: %j', async (path, tool) => {
  await using context = await openScriptedGateway();
  const response = await context.post(path, { ...requests[path]?.body, tools: [tool] });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { message: expect.stringMatching(/^tools\[0\]\.type: tools of type ".*" are not supported; send /) },
  });
});

test('count_tokens leaves out the same tools as /v1/messages', async () => {
  await using context = await openScriptedGateway();
  const response = await context.post('/v1/messages/count_tokens', requests['/v1/messages']?.body ?? {});
  expect(response.status).toBe(200);
  expect(response.headers.get('x-headway-tools-left-out')).toBe(requests['/v1/messages']?.leftOut);
});

/** The fields of a request that the scripts below record. */
type RecordedFields = Pick<GenerateRequest, 'tools' | 'messages' | 'toolChoice'>;

/** The tools of Codex's first request. */
const codexTools = [
  { type: 'function', name: 'exec_command', strict: false, parameters: { type: 'object', properties: {} } },
  {
    type: 'namespace',
    name: 'multi_agent_v1',
    description: 'Tools for sub-agents.',
    tools: [{ type: 'function', name: 'close_agent', strict: false, parameters }],
  },
  { type: 'namespace', name: 'mcp__docs__', description: '', tools: [{ type: 'function', name: 'close_agent' }] },
  { type: 'web_search', external_web_access: false },
];

describe('the model sees a namespace’s function under a flat name, the client under name and namespace,', () => {
  const call = { type: 'function_call', name: 'close_agent', namespace: 'multi_agent_v1', arguments: '{"target":"a"}' };
  const input = [
    { role: 'user', content: 'Hi' },
    { type: 'function_call', call_id: 'c', name: 'close_agent', namespace: 'mcp__docs__', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: 'done' },
  ];

  /** A gateway whose model calls such a function, with the tools and the history that it got. */
  async function openCaller() {
    const seen: unknown[] = [];
    const script = ({ tools, messages }: RecordedFields) => {
      seen.push(
        tools?.map(({ name }) => name),
        messages?.at(-2),
      );
      return { reply: '', toolCalls: [{ name: 'multi_agent_v1__close_agent', arguments: '{"target":"a"}' }] };
    };
    return Object.assign(await openScriptedGateway({ script }), { seen });
  }

  test('in a whole response and in the history', async () => {
    await using context = await openCaller();
    const response = await context.post('/v1/responses', { input, tools: codexTools });
    expect(response.status).toBe(200);
    expect(context.seen).toEqual([
      ['exec_command', 'multi_agent_v1__close_agent', 'mcp__docs__close_agent'],
      { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'mcp__docs__close_agent', arguments: '{}' }] },
    ]);
    expect(await response.json()).toMatchObject({
      output: [call],
      tools: [
        { type: 'function', name: 'exec_command' },
        { type: 'namespace', name: 'multi_agent_v1', tools: [{ type: 'function', name: 'close_agent' }] },
        { type: 'namespace', name: 'mcp__docs__' },
      ],
    });
  });

  test('in a stream', async () => {
    await using context = await openCaller();
    const response = await context.post('/v1/responses', { input, tools: codexTools, stream: true });
    const records = (await recordsOf(response)).map(({ data }) => JSON.parse(data) as { type: string });
    const items = records.filter(({ type }) => type.startsWith('response.output_item'));
    expect(items).toMatchObject([{ item: { name: 'close_agent', namespace: 'multi_agent_v1' } }, { item: call }]);
  });
});

test('tool_choice selects a namespace’s function, and an error names one by its path in the request', async () => {
  const chosen: unknown[] = [];
  const script = ({ toolChoice }: RecordedFields) => {
    chosen.push(toolChoice);
    return { reply: '', toolCalls: [{ name: 'multi_agent_v1__close_agent', arguments: '{}' }] };
  };
  await using context = await openScriptedGateway({ script });
  const tool_choice = { type: 'function', name: 'close_agent', namespace: 'multi_agent_v1' };
  expect((await context.post('/v1/responses', { input: 'Hi', tools: codexTools, tool_choice })).status).toBe(200);
  expect(chosen).toEqual([{ name: 'multi_agent_v1__close_agent' }]);
  const twice = [...codexTools, codexTools[1]];
  const refused = await context.post('/v1/responses', { input: 'Hi', tools: twice });
  expect(await refused.json()).toMatchObject({ error: { param: 'tools[4].tools[0].name' } });
});
