import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import {
  createEngine,
  createVirtualClock,
  scripted,
  type Engine,
  type ScriptedFault,
  type ScriptedOptions,
} from '@headway/engine';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { startGateway, type GatewayOptions } from '../index.ts';

interface Chunk {
  choices: { delta: { role?: string; content?: string | null }; finish_reason: string | null }[];
  error?: { code: string; message: string };
}

async function setUp(
  options: ScriptedOptions = {},
  engineOptions: { parallel?: number; maxQueue?: number } = {},
  gatewayOptions: Partial<GatewayOptions> = {},
) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, ...options }), clock, ...engineOptions });
  const gateway = await startGateway({ engine, port: 0, ...gatewayOptions });
  return {
    engine,
    gateway,
    ask: (body: object, init: RequestInit = {}) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'one two three' }], ...body }),
        ...init,
      }),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

async function dataOf(response: Response): Promise<string[]> {
  const data: string[] = [];
  const events = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const event of events ?? []) data.push(event.data);
  return data;
}

const fault = (phase: ScriptedFault['phase'], does: ScriptedFault['does'], afterTokens = 1): ScriptedOptions => ({
  script: { reply: 'one two three', fault: { phase, afterTokens, does } },
});
const idle = (engine: Engine) => expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });

afterEach(() => {
  vi.useRealTimers();
});

describe('streamed', () => {
  test('chunks, then [DONE]', async () => {
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

  test('headers and the first bytes come before the prompt is read', async () => {
    await using context = await setUp(fault('prefill', 'stall', 0));
    const hangUp = new AbortController();
    const response = await context.ask({ stream: true }, { signal: hangUp.signal });
    const first = await response.body?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toMatch(/^: keep-alive\n\n/);
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    hangUp.abort();
    await idle(context.engine);
  });

  test('a failure on the way is an error event, and nothing after it', async () => {
    await using context = await setUp(fault('decode', 'fail'));
    const data = await dataOf(await context.ask({ stream: true }));
    expect(JSON.parse(data.at(-1) ?? '')).toMatchObject({
      error: { code: 'internal', type: 'server_error', message: expect.stringContaining('script fails') },
    });
    expect(data).not.toContain('[DONE]');
    await idle(context.engine);
  });

  test('silence is broken by comments while it lasts, and no timer is left', async () => {
    await using context = await setUp(fault('decode', 'stall'));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const hangUp = new AbortController();
    const response = await context.ask({ stream: true }, { signal: hangUp.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const readUntil = async (pattern: RegExp) => {
      while (!pattern.test(text)) {
        const part = await reader?.read();
        if (!part || part.done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
        text += part.value;
      }
    };
    await readUntil(/"one"/);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(15_000);
    await readUntil(/"one"[\s\S]*\n\n: keep-alive\n\n$/);
    hangUp.abort();
    await idle(context.engine);
    await expect.poll(() => vi.getTimerCount()).toBe(0);
  });
});

describe('not streamed', () => {
  test('one body with text, usage and timings', async () => {
    await using context = await setUp({ script: { reply: 'Once upon a time.' } });
    const response = await context.ask({ model: 'default' });
    expect(response.headers.get('x-generation-id')).toMatch(/^[\w-]+$/);
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      model: 'scripted',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Once upon a time.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 },
      timings: { prompt_n: 4, predicted_n: 4 },
    });
  });

  test('several choices, each whole, and one usage', async () => {
    await using context = await setUp({ script: { reply: 'Once upon a time.' } });
    const choice = (index: number) => ({ index, message: { content: 'Once upon a time.' }, finish_reason: 'stop' });
    expect(await (await context.ask({ n: 2 })).json()).toMatchObject({
      choices: [choice(0), choice(1)],
      usage: { prompt_tokens: 4, completion_tokens: 8 },
    });
  });

  test('a failure has its own status', async () => {
    await using context = await setUp(fault('decode', 'fail'));
    const response = await context.ask({});
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: 'internal' } });
  });
});

describe('a client that hangs up cancels', () => {
  test.each([
    ['in the prefill', fault('prefill', 'stall', 0), true],
    ['while it is written', fault('decode', 'stall'), true],
    ['and one that waits for the whole', fault('decode', 'stall'), false],
  ])('%s', async (_when, options, stream) => {
    await using context = await setUp(options);
    const hangUp = new AbortController();
    const answer = context.ask({ stream }, { signal: hangUp.signal }).then((response) => response.text());
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    hangUp.abort();
    await expect(answer).rejects.toThrow();
    await idle(context.engine);
  });

  test('and one in the queue leaves its place', async () => {
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

describe('a client that sent X-Headway-Resume', () => {
  const resume = { 'content-type': 'application/json', 'x-headway-resume': '1' };

  test('may hang up and go on with the events, and the engine runs once', async () => {
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

  test('has the grace time, and no more', async () => {
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

describe('refused before it runs', () => {
  test('an unknown model is 404', async () => {
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

  test("a prompt that does not fit is 400, with llama.cpp's type and numbers", async () => {
    await using context = await setUp({ contextSize: 16 });
    const response = await context.ask({ stream: true, messages: [{ role: 'user', content: 'word '.repeat(50) }] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'exceed_context_size_error', n_prompt_tokens: expect.any(Number), n_ctx: 16 },
    });
  });

  test('a full queue is 429, and says when to try again', async () => {
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
