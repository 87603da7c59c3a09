import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { createEngine, createVirtualClock, scripted, type ScriptedOptions } from '@headway/engine';
import { createApiKey, startGateway, type GatewayOptions } from '@headway/gateway';
import { messageText } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

async function setUp(
  options: ScriptedOptions = {},
  engineOptions: { parallel?: number; maxQueue?: number } = {},
  gatewayOptions: Partial<GatewayOptions> = {},
) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, ...options }), clock, ...engineOptions });
  const gateway = await startGateway({ engine, port: 0, ...gatewayOptions });
  const connect = (apiKey: string) => new Anthropic({ baseURL: gateway.url, apiKey, maxRetries: 0 });
  return {
    engine,
    gateway,
    connect,
    client: connect('none'),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

const story: ScriptedOptions = { script: { reply: 'Once upon a time.' } };
const endless: ScriptedOptions = {
  script: { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
};
const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Tell me a story.' }];
const asked = { model: 'default', max_tokens: 100, messages };
const words = (count: number, word = 'word'): Anthropic.MessageParam[] => [
  { role: 'user', content: Array.from({ length: count }, () => word).join(' ') },
];
const failureOf = (call: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(call).then(
    () => null,
    (error: unknown) => error,
  );

const weather: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** Calls the tool in the first turn, and answers with its result in the second. */
const caller: ScriptedOptions = {
  script: ({ messages: said = [] }) => {
    const last = said.at(-1);
    return last?.role === 'tool'
      ? { reply: `It is ${messageText(last.content)}.` }
      : {
          reply: 'Let me see.',
          reasoning: 'a tool knows',
          toolCalls: [{ name: 'weather', arguments: '{"city": "Oslo"}' }],
        };
  },
};

describe('a message without a stream', () => {
  test('has its text, its end and its usage', async () => {
    await using context = await setUp(story);
    const message = await context.client.messages.create(asked);
    expect(message).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'assistant',
      model: 'scripted',
      content: [{ type: 'text', text: 'Once upon a time.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 4 },
    });
    expect(message._request_id).toMatch(/^req_/);
  });

  test('ends at its token limit, and at a stop sequence', async () => {
    await using context = await setUp(story);
    expect(await context.client.messages.create({ ...asked, max_tokens: 2 })).toMatchObject({
      content: [{ text: 'Once upon' }],
      stop_reason: 'max_tokens',
    });
    const stopped = { content: [{ text: 'Once upon a' }], stop_reason: 'stop_sequence', stop_sequence: ' time' };
    const body = { ...asked, stop_sequences: ['END', ' time'] };
    expect(await context.client.messages.create(body)).toMatchObject(stopped);
    expect(await context.client.messages.stream(body).finalMessage()).toMatchObject(stopped);
  });

  test('reports cached tokens separately', async () => {
    await using context = await setUp(story);
    const first = await context.client.messages.create({ ...asked, messages: words(500) });
    expect(first.usage).toMatchObject({ input_tokens: 501, cache_read_input_tokens: 0 });
    const second = await context.client.messages.create({ ...asked, messages: words(600) });
    expect(second.usage).toMatchObject({ input_tokens: 100, cache_read_input_tokens: 501 });
  });
});

describe('a streamed message', () => {
  test('adds up to the same message through the SDK’s helper', async () => {
    await using context = await setUp({ script: { reply: 'Once upon a time.', reasoning: 'let me think' } });
    const texts: string[] = [];
    const thoughts: string[] = [];
    const signatures: string[] = [];
    const blocks: string[] = [];
    const stream = context.client.messages
      .stream(asked)
      .on('text', (text) => texts.push(text))
      .on('thinking', (thought) => thoughts.push(thought))
      .on('signature', (signature) => signatures.push(signature))
      .on('contentBlock', ({ type }) => blocks.push(type));
    const message = await stream.finalMessage();
    expect(texts.join('')).toBe('Once upon a time.');
    expect(thoughts.join('')).toBe('let me think');
    expect(signatures).toHaveLength(1);
    expect(blocks).toEqual(['thinking', 'text']);
    expect(await stream.finalText()).toBe('Once upon a time.');
    expect(stream.request_id).toMatch(/^req_/);
    const whole = await context.client.messages.create(asked);
    expect(message.content).toEqual(whole.content);
    expect(message).toMatchObject({
      stop_reason: 'end_turn',
      usage: { input_tokens: 5, output_tokens: 7, output_tokens_details: { thinking_tokens: 3 } },
    });
    expect(whole.usage).toMatchObject({ output_tokens: 7, output_tokens_details: { thinking_tokens: 3 } });
  });

  test('has the events of the API in order', async () => {
    await using context = await setUp(story);
    const stream = await context.client.messages.create({ ...asked, stream: true });
    const types: string[] = [];
    for await (const { type } of stream) if (types.at(-1) !== type) types.push(type);
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  test('reports cached tokens', async () => {
    await using context = await setUp(story);
    await context.client.messages.stream({ ...asked, messages: words(500) }).finalMessage();
    const { usage } = await context.client.messages.stream({ ...asked, messages: words(600) }).finalMessage();
    expect(usage).toMatchObject({ input_tokens: 100, cache_read_input_tokens: 501, output_tokens: 4 });
  });

  test('frees its slot when it is aborted', async () => {
    await using context = await setUp(endless);
    const stream = context.client.messages.stream(asked);
    stream.once('text', () => stream.abort());
    expect(await failureOf(stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError);
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });

  test('frees its slot when its loop breaks', async () => {
    await using context = await setUp(endless);
    for await (const { type } of await context.client.messages.create({ ...asked, stream: true })) {
      if (type === 'content_block_delta') break;
    }
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });
});

describe('tools', () => {
  test.each([true, false])('are called, and their results reach the model (streamed: %s)', async (streamed) => {
    await using context = await setUp(caller);
    const ask = (turns: Anthropic.MessageParam[]) => {
      const body = { ...asked, messages: turns, tools: [weather] };
      return streamed ? context.client.messages.stream(body).finalMessage() : context.client.messages.create(body);
    };
    const first = await ask(messages);
    expect(first).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'a tool knows' },
        { type: 'text', text: 'Let me see.' },
        { type: 'tool_use', name: 'weather', input: { city: 'Oslo' } },
      ],
      stop_reason: 'tool_use',
    });
    const [call] = first.content.filter((block) => block.type === 'tool_use');
    const second = await ask([
      ...messages,
      { role: 'assistant', content: first.content as Anthropic.ContentBlockParam[] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: '3 degrees' }] },
    ]);
    expect(second).toMatchObject({ content: [{ type: 'text', text: 'It is 3 degrees.' }], stop_reason: 'end_turn' });
  });

  test('that Anthropic hosts are left out, and a header lists them', async () => {
    await using context = await setUp(caller);
    const search: Anthropic.ToolUnion = { type: 'web_search_20250305', name: 'web_search' };
    const { data, response } = await context.client.messages.create({ ...asked, tools: [search] }).withResponse();
    expect(data).toMatchObject({ type: 'message' });
    expect(response.headers.get('x-headway-tools-left-out')).toBe('web_search_20250305');
  });
});

test('countTokens() equals the prompt tokens of a message', async () => {
  await using context = await setUp(caller);
  const body = { model: 'default', messages, system: 'Be brief.', tools: [weather] };
  const { input_tokens } = await context.client.messages.countTokens(body);
  const { usage } = await context.client.messages.create({ ...body, max_tokens: 10 });
  expect(input_tokens).toBe(usage.input_tokens);
  expect(input_tokens).toBeGreaterThan(5);
});

describe('other features of the API', () => {
  test('list the models, and get one by its id', async () => {
    await using context = await setUp({ contextSize: 4096 });
    const scriptedModel = expect.objectContaining({
      type: 'model',
      id: 'scripted',
      display_name: 'scripted',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      max_input_tokens: 4096,
    });
    const page = await context.client.models.list({ limit: 1 });
    expect(page).toMatchObject({ data: [scriptedModel], has_more: false, first_id: 'scripted', last_id: 'scripted' });
    expect(await context.client.models.retrieve('scripted')).toEqual(scriptedModel);
    const error = await failureOf(context.client.models.retrieve('claude'));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ type: 'not_found_error', requestID: expect.stringMatching(/^req_/) });
  });

  test('include the beta endpoint, which has a query', async () => {
    await using context = await setUp(story);
    const body = {
      ...asked,
      betas: ['interleaved-thinking-2025-05-14'],
      thinking: { type: 'enabled', budget_tokens: 1024 },
    };
    const stream = context.client.beta.messages.stream(body as Anthropic.Beta.MessageCreateParams & { stream?: false });
    expect(await stream.finalText()).toBe('Once upon a time.');
  });

  test('include an answer with a schema', async () => {
    await using context = await setUp({ script: { reply: '{"city": "Oslo"}' } });
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;
    const { parsed_output } = await context.client.messages.parse({
      ...asked,
      output_config: { format: jsonSchemaOutputFormat({ ...schema, additionalProperties: false }) },
    });
    expect(parsed_output).toEqual({ city: 'Oslo' });
  });

  test('include a prefilled answer', async () => {
    await using context = await setUp({
      script: ({ messages: said = [] }) => ({ reply: `after ${said.at(-1)?.role}` }),
    });
    const begun: Anthropic.MessageParam[] = [...messages, { role: 'assistant', content: 'Once' }];
    expect(await context.client.messages.create({ ...asked, messages: begun })).toMatchObject({
      content: [{ type: 'text', text: 'after assistant' }],
    });
  });

  test.each([true, false])('include a tool runner (streamed: %s)', async (stream) => {
    await using context = await setUp(caller);
    const runner = context.client.beta.messages.toolRunner({
      ...asked,
      messages: [{ role: 'user', content: 'Warm?' }],
      stream,
      tools: [{ ...weather, type: 'custom', run: () => '3 degrees', parse: (input: unknown) => input }],
    });
    expect(await runner).toMatchObject({ content: [{ type: 'text', text: 'It is 3 degrees.' }] });
  });
});

describe('an error has the SDK’s class', () => {
  test('for an invalid request', async () => {
    await using context = await setUp({ contextSize: 64 });
    const ask = (body: object) => failureOf(context.client.messages.create({ ...asked, ...body }));
    const wrong = await ask({ max_tokens: undefined });
    expect(wrong).toBeInstanceOf(BadRequestError);
    expect(wrong).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      apiMessage: expect.stringMatching(/^max_tokens: /),
      errorCode: 'invalid-request',
      requestID: expect.stringMatching(/^req_/),
    });
    expect(await ask({ model: 'claude-x' })).toBeInstanceOf(NotFoundError);
    const long = await ask({ messages: words(100) });
    expect(long).toBeInstanceOf(BadRequestError);
    expect(long).toMatchObject({
      apiMessage: expect.stringMatching(/^prompt is too long: /),
      details: { error_code: 'context-overflow', prompt_tokens: 101, context_size: 64 },
    });
  });

  test('for a missing key, a foreign page and too many requests', async () => {
    const key = createApiKey();
    await using context = await setUp(story, {}, { apiKeys: [key], limits: { requests: 50 } });
    const ask = (client: Anthropic) => failureOf(client.messages.create(asked));
    expect(await ask(context.client)).toBeInstanceOf(AuthenticationError);
    const bearer = new Anthropic({ baseURL: context.gateway.url, apiKey: null, authToken: key, maxRetries: 0 });
    expect(await ask(bearer)).toBeNull();
    const mine = context.connect(key);
    expect(await ask(mine)).toBeNull();
    const page = { headers: { origin: 'https://evil.example' } };
    expect(await failureOf(mine.messages.create(asked, page))).toBeInstanceOf(PermissionDeniedError);
    let failure: unknown = null;
    for (let tries = 0; failure === null && tries < 20; tries++) failure = await ask(mine);
    expect(failure).toBeInstanceOf(RateLimitError);
    expect(failure).toMatchObject({ type: 'rate_limit_error', errorCode: 'rate-limited' });
  });

  test('for a full queue', async () => {
    await using context = await setUp(endless, { parallel: 1, maxQueue: 0 });
    const running = context.client.messages.stream(asked);
    const aborted = failureOf(running.finalMessage());
    await running.emitted('text');
    expect(await failureOf(context.client.messages.create(asked))).toBeInstanceOf(OverloadedError);
    running.abort();
    expect(await aborted).toBeInstanceOf(Anthropic.APIUserAbortError);
  });

  test('for a stream that fails after its first text', async () => {
    await using context = await setUp({
      script: { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'fail' } },
    });
    let text = '';
    const stream = context.client.messages.stream(asked).on('text', (delta) => (text += delta));
    const failure = await failureOf(stream.finalMessage());
    expect(text).toBe('one');
    expect(failure).toBeInstanceOf(APIError);
    expect(failure).toMatchObject({ type: 'api_error', errorCode: 'internal' });
  });

  test('for a stream that another client cancels', async () => {
    await using context = await setUp(endless);
    const stream = context.client.messages.stream(asked);
    const failed = failureOf(stream.finalMessage());
    await stream.emitted('text');
    const { generations } = (await (await fetch(`${context.gateway.url}/v1/generations`)).json()) as {
      generations: { id: string }[];
    };
    await fetch(`${context.gateway.url}/v1/generations/${generations[0]?.id}`, { method: 'DELETE' });
    expect(await failed).toMatchObject({ type: 'api_error', errorCode: 'cancelled' });
  });
});

interface Progress {
  type: 'prefill_progress';
  phase: string;
  processed: number;
  cached: number;
  total: number;
}

describe('progress on request', () => {
  const long = { ...asked, messages: words(3000) };
  const modes: [string, Record<string, string>, object, RegExp][] = [
    [
      'X-Headway-Progress: named',
      { 'x-headway-progress': 'named' },
      {},
      /event: prefill_progress\ndata: \{"type":"prefill_progress",/,
    ],
    ['return_progress', {}, { return_progress: true }, /event: prefill_progress\ndata: \{"type":"prefill_progress",/],
    [
      'X-Headway-Progress: comment',
      { 'x-headway-progress': 'comment' },
      {},
      /\n: prefill_progress \{"PrefillProgressChunk":/,
    ],
    [
      'X-SwiftLM-Prefill-Progress',
      { 'x-swiftlm-prefill-progress': '1' },
      {},
      /event: prefill_progress\ndata: \{"status":"processing",/,
    ],
  ];

  test.each(modes)(
    'in the dialect %s arrives, and the SDK gets the whole text',
    async (_mode, headers, fields, sent) => {
      await using context = await setUp(story);
      const raw = await fetch(`${context.gateway.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
        body: JSON.stringify({ ...long, ...fields, stream: true }),
      });
      const wire = await raw.text();
      expect(wire.match(new RegExp(sent, 'g'))?.length).toBeGreaterThan(5);
      // Other words, so that no token of the prompt is cached.
      const body = { ...asked, messages: words(3000, 'other'), ...fields };
      let text = '';
      const stream = context.client.messages.stream(body, { headers }).on('text', (delta) => (text += delta));
      const message = await stream.finalMessage();
      expect(text).toBe('Once upon a time.');
      expect(message).toMatchObject({
        content: [{ type: 'text', text: 'Once upon a time.' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 3001, output_tokens: 4 },
      });
    },
  );

  test('is not sent without opt-in', async () => {
    await using context = await setUp(story);
    const types = new Set<string>();
    for await (const { type } of await context.client.messages.create({ ...long, stream: true })) types.add(type);
    expect([...types]).not.toContain('prefill_progress');
    const raw = await fetch(`${context.gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...long, messages: words(3000, 'other'), stream: true }),
    });
    const wire = await raw.text();
    const names = new Set([...wire.matchAll(/^event: (.*)$/gm)].map(([, name]) => name));
    expect([...names].toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
      'content_block_delta',
      'content_block_start',
      'content_block_stop',
      'message_delta',
      'message_start',
      'message_stop',
      'ping',
    ]);
    expect(wire.match(/^:.*$/gm)).toEqual([': keep-alive']);
  });

  test('in the dialect named reaches the listeners of the SDK’s events, from the cached tokens to the end', async () => {
    await using context = await setUp(story);
    const progress: Progress[] = [];
    const headers = { 'x-headway-progress': 'named' };
    for await (const event of await context.client.messages.create({ ...long, stream: true }, { headers })) {
      const { type } = event as { type: string };
      if (type === 'prefill_progress') progress.push(event as unknown as Progress);
    }
    expect(progress[0]).toMatchObject({ phase: 'prefill', processed: 0, cached: 0, total: 3001 });
    expect(progress.at(-1)).toMatchObject({ processed: 3001, total: 3001 });
    const processed = progress.map((one) => one.processed);
    expect(processed).toEqual(processed.toSorted((a, b) => a - b));
  });

  test('reaches a queued request, too', async () => {
    await using context = await setUp(endless, { parallel: 1 });
    const first = context.client.messages.stream(asked);
    const ended = failureOf(first.finalMessage());
    await first.emitted('text');
    const headers = { 'x-headway-progress': 'named' };
    const seen: object[] = [];
    for await (const event of await context.client.messages.create({ ...asked, stream: true }, { headers })) {
      seen.push(event);
      if (seen.length === 2) break;
    }
    expect(seen).toMatchObject([
      { type: 'message_start' },
      { type: 'prefill_progress', phase: 'queued', queuePosition: 1 },
    ]);
    first.abort();
    await ended;
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });
});
