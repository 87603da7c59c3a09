import { createEngine, createVirtualClock, scripted, type ScriptedOptions } from '@headway/engine';
import { startGateway, type GatewayOptions } from '@headway/gateway';
import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai';
import type { Response, ResponseStreamEvent, Tool } from 'openai/resources/responses/responses';
import { collect } from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

async function setUp(options: ScriptedOptions = {}, gatewayOptions: Partial<GatewayOptions> = {}) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, ...options }), clock });
  const gateway = await startGateway({ engine, port: 0, ...gatewayOptions });
  const connect = (headers: Record<string, string> = {}) => {
    const wire: Promise<string>[] = [];
    const client = new OpenAI({
      baseURL: `${gateway.url}/v1`,
      apiKey: 'none',
      maxRetries: 0,
      defaultHeaders: headers,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        const [body, copy] = response.body?.tee() ?? [null, null];
        wire.push(new globalThis.Response(copy).text().catch(() => ''));
        return new globalThis.Response(body, response);
      },
    });
    return { client, wire: () => wire.at(-1) ?? Promise.resolve('') };
  };
  return {
    engine,
    gateway,
    connect,
    client: connect().client,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

const model = 'scripted';
const input = 'Tell me a story.';
const story = { script: { reply: 'Once upon a time.' } };
const stalls = (afterTokens: number): ScriptedOptions => ({
  script: { reply: 'one two', fault: { phase: 'decode', afterTokens, does: 'stall' } },
});
const fails: ScriptedOptions = {
  script: { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'fail' } },
};
const weather: Tool = {
  type: 'function',
  name: 'weather',
  strict: null,
  parameters: { type: 'object', properties: { place: { type: 'string' } } },
};

async function failureOf(asked: Promise<unknown>): Promise<unknown> {
  try {
    await asked;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

/** Checks the invariants of any stream. */
function expectWhole(events: readonly ResponseStreamEvent[]): void {
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
}

const written = (events: readonly ResponseStreamEvent[]) =>
  events.flatMap((event) => (event.type === 'response.output_text.delta' ? event.delta : [])).join('');

describe('responses.create', () => {
  test('gets a whole answer', async () => {
    await using context = await setUp(story);
    const response = await context.client.responses.create({ model, input, instructions: 'Be brief.', temperature: 0 });
    expect(response).toMatchObject({
      output_text: 'Once upon a time.',
      status: 'completed',
      instructions: 'Be brief.',
      temperature: 0,
      tools: [],
      tool_choice: 'auto',
      usage: { input_tokens: 8, output_tokens: 4, total_tokens: 12 },
    });
  });

  test('reports that the token limit ended the answer', async () => {
    await using context = await setUp(story);
    const response = await context.client.responses.create({ model, input, max_output_tokens: 3 });
    expect(response).toMatchObject({
      output_text: 'Once upon a',
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    });
  });

  test('streams', async () => {
    await using context = await setUp(story);
    const events = await collect(await context.client.responses.create({ model, input, stream: true }));
    expectWhole(events);
    expect(written(events)).toBe('Once upon a time.');
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { usage: { output_tokens: 4 } } });
  });

  test('gets log-probabilities', async () => {
    await using context = await setUp(story);
    const asked = { model, input, include: ['message.output_text.logprobs' as const] };
    const { output } = await context.client.responses.create(asked);
    const logprobs = ['Once', ' upon', ' a', ' time.'].map((token) => ({ token, logprob: 0 }));
    expect(output).toMatchObject([{ content: [{ type: 'output_text', logprobs }] }]);
    const { output: streamed } = await context.client.responses.stream(asked).finalResponse();
    expect(streamed).toMatchObject([{ content: [{ type: 'output_text', logprobs }] }]);
  });

  test('throws its own errors, with the field and the code', async () => {
    await using context = await setUp({ contextSize: 64 });
    const ask = (body: object) => failureOf(context.client.responses.create({ model, input, ...body }));
    expect(await ask({ model: 'gpt-4o' })).toBeInstanceOf(NotFoundError);
    const wrong = await ask({ max_output_tokens: 'many' });
    expect(wrong).toBeInstanceOf(BadRequestError);
    expect(wrong).toMatchObject({ param: 'max_output_tokens', code: 'invalid-request', type: 'invalid_request_error' });
    expect(await ask({ previous_response_id: 'resp_1', stream: true })).toMatchObject({
      status: 404,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
    expect(await ask({ input: 'word '.repeat(100).trim() })).toMatchObject({
      status: 400,
      type: 'exceed_context_size_error',
      code: 'context_length_exceeded',
      error: { n_prompt_tokens: 101, n_ctx: 64 },
    });
  });
});

describe('responses.stream', () => {
  test('assembles an answer', async () => {
    await using context = await setUp(story);
    const stream = context.client.responses.stream({ model, input });
    const snapshots: string[] = [];
    stream.on('response.output_text.delta', ({ snapshot }) => snapshots.push(snapshot));
    const events = await collect(stream);
    expectWhole(events);
    expect(snapshots).toEqual(['Once', 'Once upon', 'Once upon a', 'Once upon a time.']);
    expect(await stream.finalResponse()).toMatchObject({ output_text: 'Once upon a time.', status: 'completed' });
  });

  test('parses what a JSON schema asked for', async () => {
    await using context = await setUp({ script: { reply: '{"name": "Ada"}' } });
    const format = {
      type: 'json_schema' as const,
      name: 'person',
      strict: true,
      schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    };
    const response = await context.client.responses.parse({ model, input, text: { format } });
    expect(response.output_text).toBe('{"name": "Ada"}');
    expect(response.text).toEqual({ format });
  });

  test('keeps reasoning and answer apart', async () => {
    await using context = await setUp({ script: { reasoning: 'Let me think.', reply: 'Once.' } });
    const stream = context.client.responses.stream({ model, input, reasoning: { effort: 'low' } });
    const events = await collect(stream);
    const thoughts = events.flatMap((event) => (event.type === 'response.reasoning_text.delta' ? event.delta : []));
    expect(thoughts.join('')).toBe('Let me think.');
    const { output, output_text, usage } = await stream.finalResponse();
    expect(output_text).toBe('Once.');
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Let me think.' }] },
      { type: 'message' },
    ]);
    expect(usage?.output_tokens_details.reasoning_tokens).toBe(3);
  });

  test('gets tool calls and sends their results, and the next prompt has both', async () => {
    const toolCalls = [
      { name: 'weather', arguments: '{"place": "Oslo"}' },
      { name: 'weather', arguments: '{"place": "Rome"}' },
    ];
    await using context = await setUp({
      script: ({ messages = [] }) =>
        messages.some(({ role }) => role === 'tool')
          ? { reply: messages.map(({ role }) => role).join(' ') }
          : { reply: 'Let me see.', toolCalls },
    });
    const stream = context.client.responses.stream({ model, input, tools: [weather] });
    const snapshots: string[] = [];
    stream.on('response.function_call_arguments.delta', ({ snapshot }) => snapshots.push(snapshot));
    const first = await stream.finalResponse();
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls).toMatchObject(toolCalls.map((call) => ({ ...call, status: 'completed' })));
    expect(snapshots).toEqual(['{"place":', '{"place": "Oslo"}', '{"place":', '{"place": "Rome"}']);
    expect(new Set(calls.map(({ call_id }) => call_id)).size).toBe(2);

    const second = await context.client.responses.create({
      model,
      tools: [weather],
      input: [
        { role: 'user', content: input },
        ...first.output.filter((item) => item.type === 'message' || item.type === 'function_call'),
        ...calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: 'sunny' })),
      ],
    });
    expect(second.output_text).toBe('user assistant tool tool');
  });

  test('reports that the token limit ended the answer', async () => {
    await using context = await setUp(story);
    const stream = context.client.responses.stream({ model, input, max_output_tokens: 2 });
    expect(await stream.finalResponse()).toMatchObject({ output_text: 'Once upon', status: 'incomplete' });
  });

  test('aborted frees the slot', async () => {
    await using context = await setUp(stalls(1));
    const stream = context.client.responses.stream({ model, input });
    stream.on('response.output_text.delta', () => stream.abort());
    await expect(stream.done()).rejects.toThrow();
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });
});

describe('a failure in mid-stream', () => {
  test('is an event with the failed response, and then throws', async () => {
    await using context = await setUp(fails);
    const stream = await context.client.responses.create({ model, input, stream: true });
    const events: ResponseStreamEvent[] = [];
    const failure = await failureOf(
      (async () => {
        for await (const event of stream) events.push(event);
      })(),
    );
    expect(written(events)).toBe('one');
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'internal' } },
    });
    expect(failure).toBeInstanceOf(APIError);
    expect(failure).toMatchObject({ code: 'internal', type: 'server_error' });
  });

  test('never becomes an answer of the streaming helper', async () => {
    await using context = await setUp(fails);
    const failure = await failureOf(context.client.responses.stream({ model, input }).finalResponse());
    expect(failure).toMatchObject({ code: 'internal' });
  });

  test('has the code cancelled when another viewer cancels', async () => {
    await using context = await setUp(stalls(1));
    const { data: stream, response } = await context.client.responses
      .create({ model, input, stream: true })
      .withResponse();
    const failure = failureOf(collect(stream));
    await fetch(`${context.gateway.url}/v1/generations/${response.headers.get('x-generation-id')}`, {
      method: 'DELETE',
    });
    expect(await failure).toMatchObject({ code: 'cancelled' });
  });
});

interface Dialect {
  name: string;
  body?: object;
  headers?: Record<string, string>;
  /** The number of prefill reports in a stream. */
  reports: (wire: string) => number;
}

const count = (pattern: RegExp) => (wire: string) => [...wire.matchAll(pattern)].length;

const dialects: Dialect[] = [
  { name: 'return_progress', body: { return_progress: true }, reports: count(/^data: .*"prompt_progress":\{/gm) },
  { name: 'named', headers: { 'x-headway-progress': 'named' }, reports: count(/^event: prefill_progress$/gm) },
  { name: 'comment', headers: { 'x-headway-progress': 'comment' }, reports: count(/^: prefill_progress \{/gm) },
];

describe.each(dialects)('progress in the dialect $name', ({ body, headers, reports }) => {
  const long = 'word '.repeat(3000).trim();

  test('arrives, and the package gets the whole text', async () => {
    await using context = await setUp(story);
    const { client, wire } = context.connect(headers);
    const asked = { model, input: long, ...body };
    const events = await collect(await client.responses.create({ ...asked, stream: true }));
    expectWhole(events);
    expect(written(events)).toBe('Once upon a time.');
    const text = await wire();
    expect(reports(text)).toBeGreaterThan(5);
    expect(reports(text.slice(text.indexOf('response.output_text.delta')))).toBe(0);
  });

  test('arrives, and the streaming helper assembles the answer', async () => {
    await using context = await setUp(story);
    const { client, wire } = context.connect(headers);
    const response = await client.responses.stream({ model, input: long, ...body }).finalResponse();
    expect(response).toMatchObject({ output_text: 'Once upon a time.', status: 'completed' });
    expect(reports(await wire())).toBeGreaterThan(5);
  });

  test('is not sent without opt-in', async () => {
    await using context = await setUp(story);
    const { client, wire } = context.connect();
    await client.responses.stream({ model, input: long }).finalResponse();
    expect(reports(await wire())).toBe(0);
  });
});

test("response.in_progress events carry llama.cpp's prompt_progress, from the first token to the last", async () => {
  await using context = await setUp(story);
  const body = { model, input: 'word '.repeat(3000).trim(), stream: true as const, return_progress: true };
  const events = await collect(await context.client.responses.create(body));
  const progress = events.flatMap((event) => {
    const { prompt_progress } = event as { prompt_progress?: { total: number; cache: number; processed: number } };
    return event.type === 'response.in_progress' && prompt_progress ? prompt_progress : [];
  });
  expect(progress[0]).toMatchObject({ total: 3001, cache: 0, processed: 0 });
  expect(progress.at(-1)).toMatchObject({ total: 3001, processed: 3001 });
});

/** Feeds the package a stream with one changed event, and returns the final response that it assembles. */
async function finalOf(client: OpenAI, change: (response: Response) => object): Promise<unknown> {
  const response = await client.responses.create({ model, input });
  const wire = [
    { type: 'response.created', sequence_number: 0, response: { ...response, output: [] } },
    change(response),
    { type: 'response.completed', sequence_number: 2, response },
  ];
  const text = wire.map((data) => `event: ${(data as { type: string }).type}\ndata: ${JSON.stringify(data)}\n\n`);
  const headers = { 'content-type': 'text/event-stream' };
  const canned = new OpenAI({
    apiKey: 'none',
    fetch: async () => new globalThis.Response(text.join(''), { headers }),
  });
  return canned.responses.stream({ model, input }).finalResponse();
}

test('the streaming helper throws on an unknown event type, so progress uses response.in_progress', async () => {
  await using context = await setUp(story);
  const progress = { phase: 'prefill', processed: 1, total: 2 };
  await expect(
    finalOf(context.client, () => ({ type: 'prefill_progress', sequence_number: 1, ...progress })),
  ).rejects.toThrow('Unhandled response stream event');
  const survives = finalOf(context.client, (response) => ({
    type: 'response.in_progress',
    sequence_number: 1,
    response: { ...response, output: [] },
    ...progress,
  }));
  expect(await survives).toMatchObject({ output_text: 'Once upon a time.' });
});

test('the streaming helper keeps its text when heartbeats arrive as data in mid-answer', async () => {
  await using context = await setUp(stalls(1), { heartbeatMs: 10 });
  const { client } = context.connect({ 'x-headway-heartbeat': 'data' });
  const stream = client.responses.stream({ model, input });
  let beats = 0;
  stream.on('response.in_progress', ({ response }) => {
    if (response.output.length === 0) return;
    expect(response.output).toMatchObject([{ type: 'message', content: [{ text: 'one' }] }]);
    if (++beats === 3) stream.abort();
  });
  await expect(stream.done()).rejects.toThrow();
  expect(beats).toBe(3);
  await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 } });
});
