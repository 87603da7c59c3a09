import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import type { Engine } from '@headway/engine';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { faulty as fault, openScriptedGateway, reading, recordsOf } from '../scripted-gateway.fixture.ts';

interface Chunk {
  choices: { delta: { role?: string; content?: string | null }; finish_reason: string | null }[];
  error?: { code: string; message: string };
}

async function setUp(...options: Parameters<typeof openScriptedGateway>) {
  const context = await openScriptedGateway(...options);
  return { ...context, ask: context.chat };
}

const dataOf = async (response: Response) => (await recordsOf(response)).map(({ data }) => data);

const idle = (engine: Engine) => expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });

afterEach(() => {
  vi.useRealTimers();
});

describe('a chat stream', () => {
  test('has chunks, then [DONE]', async () => {
    await using context = await setUp({ script: { reply: 'Once upon a time.' } });
    const response = await context.ask({ stream: true });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      'x-generation-id': expect.stringMatching(/^[\w-]+$/),
      'x-content-type-options': 'nosniff',
    });
    const data = await dataOf(response);
    expect(data.at(-1)).toBe('[DONE]');
    const chunks = data.slice(0, -1).map((text) => JSON.parse(text) as Chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Once upon a time.');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  test('sends headers and its first bytes before the prefill', async () => {
    await using context = await setUp(fault('prefill', 'stall', 0));
    const hangUp = new AbortController();
    const response = await context.ask({ stream: true }, { signal: hangUp.signal });
    const first = await response.body?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toMatch(/^: keep-alive\n/);
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    hangUp.abort();
    await idle(context.engine);
  });

  test('ends with an error event when the generation fails', async () => {
    await using context = await setUp(fault('decode', 'fail'));
    const data = await dataOf(await context.ask({ stream: true }));
    expect(JSON.parse(data.at(-1) ?? '')).toMatchObject({
      error: {
        code: 'internal',
        type: 'server_error',
        message: expect.stringContaining('the script failed in decode'),
      },
    });
    expect(data).not.toContain('[DONE]');
    await idle(context.engine);
  });

  test('sends comments as heartbeats and leaves no timer behind', async () => {
    await using context = await setUp(fault('decode', 'stall'));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const hangUp = new AbortController();
    const response = await context.ask({ stream: true }, { signal: hangUp.signal });
    const { until: readUntil } = reading(response);
    await readUntil(/"one"/);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(15_000);
    await readUntil(/"one"[\s\S]*\n\n: keep-alive\n$/);
    hangUp.abort();
    await idle(context.engine);
    await expect.poll(() => vi.getTimerCount()).toBe(0);
  });
});

describe('an unstreamed chat answer', () => {
  test('has text, usage and timings', async () => {
    await using context = await setUp({ script: { reply: 'Once upon a time.' } });
    const response = await context.ask({ model: 'default' });
    expect(response.headers.get('x-generation-id')).toMatch(/^[\w-]+$/);
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      system_fingerprint: expect.stringMatching(/^headway-\d/),
      model: 'scripted',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Once upon a time.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 },
      timings: { prompt_n: 4, predicted_n: 4 },
    });
  });

  test('has each of several choices in full, and one usage', async () => {
    await using context = await setUp({ script: { reply: 'Once upon a time.' } });
    const choice = (index: number) => ({ index, message: { content: 'Once upon a time.' }, finish_reason: 'stop' });
    expect(await (await context.ask({ n: 2 })).json()).toMatchObject({
      choices: [choice(0), choice(1)],
      usage: { prompt_tokens: 4, completion_tokens: 8 },
    });
  });

  test('has tool calls without text, and log-probabilities of text', async () => {
    const toolCalls = [{ name: 'f', arguments: '{"a": 1}' }];
    await using context = await setUp({ script: ({ tools }) => ({ reply: tools ? '' : 'Héllo you', toolCalls }) });
    const called = await context.ask({ tools: [{ type: 'function', function: { name: 'f' } }] });
    expect(await called.json()).toMatchObject({
      choices: [
        {
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: expect.any(String), type: 'function', function: { name: 'f', arguments: '{"a": 1}' } }],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
    });
    const said = await context.ask({ logprobs: true, top_logprobs: 1 });
    expect(await said.json()).toMatchObject({
      choices: [
        {
          message: { content: 'Héllo you' },
          logprobs: {
            content: [
              { token: 'Héllo', logprob: 0, bytes: [72, 195, 169, 108, 108, 111], top_logprobs: [] },
              { token: ' you', logprob: 0, bytes: [32, 121, 111, 117], top_logprobs: [] },
            ],
            refusal: null,
          },
        },
      ],
    });
  });

  test('has the status of its error when the generation fails', async () => {
    await using context = await setUp(fault('decode', 'fail'));
    const response = await context.ask({});
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: 'internal' } });
  });
});

describe('a chat client that hangs up cancels the generation', () => {
  test.each([
    ['during prefill', fault('prefill', 'stall', 0), true],
    ['during decode', fault('decode', 'stall'), true],
    ['while it waits for an unstreamed answer', fault('decode', 'stall'), false],
  ])('%s', async (_when, options, stream) => {
    await using context = await setUp(options);
    const hangUp = new AbortController();
    const answer = context.ask({ stream }, { signal: hangUp.signal }).then((response) => response.text());
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    hangUp.abort();
    await expect(answer).rejects.toThrow();
    await idle(context.engine);
  });

  test('while queued, and frees its place in the queue', async () => {
    await using context = await setUp(fault('decode', 'stall'), { parallel: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const answers = Promise.allSettled([first, second].map(({ signal }) => context.ask({ stream: true }, { signal })));
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 }, queued: 1 });
    second.abort();
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 }, queued: 0 });
    first.abort();
    await idle(context.engine);
    await answers;
  });
});

describe('when another viewer cancels', () => {
  test.each([1, 2])('a chat stream with n=%i ends with an error event', async (n) => {
    await using context = await setUp(fault('decode', 'stall'));
    const response = await context.ask({ stream: true, n });
    const { until } = reading(response);
    await until(/"one"/);
    const id = response.headers.get('x-generation-id') ?? '';
    await fetch(`${context.gateway.url}/v1/generations/${id}`, { method: 'DELETE' });
    const text = await until(/"cancelled"/);
    const last = text.trimEnd().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.slice('data: '.length))).toEqual({
      error: {
        message: 'another viewer cancelled the generation; send the request again to start a new one',
        type: 'server_error',
        param: null,
        code: 'cancelled',
      },
    });
    expect(text).not.toContain('"finish_reason":"stop"');
    await expect(until(/DONE/)).rejects.toThrow('the stream ended');
  });

  test('an unstreamed chat answer is a 499 that SDKs do not retry', async () => {
    await using context = await setUp(fault('decode', 'stall'));
    const answer = context.ask({});
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    const { generations } = (await (await fetch(`${context.gateway.url}/v1/generations`)).json()) as {
      generations: { id: string }[];
    };
    await fetch(`${context.gateway.url}/v1/generations/${generations[0]?.id}`, { method: 'DELETE' });
    const response = await answer;
    expect(response.status).toBe(499);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await response.json()).toMatchObject({ error: { code: 'cancelled' } });
  });
});

describe('a chat client that sent X-Headway-Resume', () => {
  const resume = { 'x-headway-resume': '1' };

  test('can hang up and continue with the events of the same generation', async () => {
    const reply = Array.from({ length: 2000 }, (_, at) => `w${at}`).join(' ');
    await using context = await setUp({ script: { reply } });
    const hangUp = new AbortController();
    const response = await context.ask({ stream: true }, { headers: resume, signal: hangUp.signal });
    const id = response.headers.get('x-generation-id') ?? '';
    await response.body?.getReader().read();
    hangUp.abort();
    const events = (await dataOf(await fetch(`${context.gateway.url}/v1/generations/${id}/events`))).map(
      (data) => JSON.parse(data) as { type: string; text: string; finishReason?: string },
    );
    expect(events.flatMap(({ type, text }) => (type === 'token' ? text : [])).join('')).toBe(reply);
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' });
    const { generations } = (await (await fetch(`${context.gateway.url}/v1/generations`)).json()) as {
      generations: object[];
    };
    expect(generations).toHaveLength(1);
  });

  test('loses its generation after the grace time', async () => {
    await using context = await setUp(fault('decode', 'stall'), {}, { graceMs: 20 });
    const hangUp = new AbortController();
    const response = await context.ask({ stream: true }, { headers: resume, signal: hangUp.signal });
    const id = response.headers.get('x-generation-id') ?? '';
    await response.body?.getReader().read();
    hangUp.abort();
    await idle(context.engine);
    const info: unknown = await (await fetch(`${context.gateway.url}/v1/generations/${id}`)).json();
    expect(info).toMatchObject({ state: 'ended', outcome: 'abandoned' });
  });
});

describe('a chat request that is refused before it runs', () => {
  test('is a 404 for an unknown model', async () => {
    await using context = await setUp();
    const response = await context.ask({ model: 'gpt-4o' });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: {
        code: 'model-not-found',
        param: 'model',
        type: 'not_found_error',
        message: expect.stringContaining('scripted'),
      },
    });
  });

  test("is a 400 with llama.cpp's type and numbers for a prompt that does not fit", async () => {
    await using context = await setUp({ contextSize: 16 });
    const response = await context.ask({ stream: true, messages: [{ role: 'user', content: 'word '.repeat(50) }] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'exceed_context_size_error', n_prompt_tokens: expect.any(Number), n_ctx: 16 },
    });
  });

  test('is a 429 with Retry-After while the queue is full', async () => {
    await using context = await setUp(fault('decode', 'stall'), { parallel: 1, maxQueue: 0 });
    const hangUp = new AbortController();
    const running = context.ask({ stream: true }, { signal: hangUp.signal });
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    const response = await context.ask({ stream: true });
    expect(response.status).toBe(429);
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'retry-after': '1', 'x-should-retry': 'true' });
    expect(await response.json()).toMatchObject({ error: { code: 'queue-full' } });
    hangUp.abort();
    await Promise.allSettled([running]);
    await idle(context.engine);
  });

  test.each<[string, object]>([
    ['n', { n: 5 }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tools[1].function.name', { tools: ['f', 'f'].map((name) => ({ type: 'function', function: { name } })) }],
    [
      'tool_choice.function.name',
      {
        tools: [{ type: 'function', function: { name: 'f' } }],
        tool_choice: { type: 'function', function: { name: 'g' } },
      },
    ],
    [
      'messages[1].tool_calls[0]',
      {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        ],
      },
    ],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', tool_call_id: 'c', content: '42' }] }],
  ])("is a 400 with OpenAI's name when the engine refuses %s", async (param, body) => {
    await using context = await setUp();
    const response = await context.ask(body);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { param: string; message: string; code: string } };
    expect(error).toMatchObject({ code: 'invalid-request', param });
    expect(error.message.startsWith(`${param}: `)).toBe(true);
    expect(error.message).not.toMatch(/tool(Choice|Calls|CallId)/);
  });
});

test(
  'a client that stops reading costs less than 1 MiB and gets everything when it goes on',
  { timeout: 60_000 },
  async () => {
    const reply = Array.from({ length: 60_000 }, (_, at) => `w${at}`).join(' ');
    await using context = await setUp({ contextSize: 100_000, script: { reply } });
    const accepted: Socket[] = [];
    const onSocket = (message: unknown) => accepted.push((message as { socket: Socket }).socket);
    subscribe('net.server.socket', onSocket);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(
        `${context.gateway.url}/v1/chat/completions`,
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        resolve,
      );
      call.on('error', reject);
      call.end(JSON.stringify({ messages: [{ role: 'user', content: 'x' }], stream: true }));
    });
    unsubscribe('net.server.socket', onSocket);
    const [serverSide] = accepted;
    let most = 0;
    while ((await context.engine.activity()).slots.busy > 0) {
      most = Math.max(most, serverSide?.writableLength ?? Number.NaN);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(serverSide?.writableNeedDrain).toBe(true);
    expect(most).toBeLessThan(1024 * 1024);
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    const chunks = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => JSON.parse(json ?? '') as Chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(reply);
    expect(chunks.length).toBeLessThan(60_000);
  },
);
