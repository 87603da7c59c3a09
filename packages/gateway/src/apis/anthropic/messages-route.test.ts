import type { Engine, ScriptedOptions } from '@headway/engine';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { createApiKey } from '../../index.ts';
import { faulty, openScriptedGateway, reading, recordsOf } from '../openai/scripted-gateway.fixture.ts';

const messages = [{ role: 'user', content: 'one two three' }];
const onceUpon: ScriptedOptions = { script: { reply: 'Once upon a time.' } };
const weather = { name: 'weather', input_schema: { type: 'object' } };

async function setUp(...options: Parameters<typeof openScriptedGateway>) {
  const context = await openScriptedGateway(...options);
  const ask = (body: object, init?: RequestInit) =>
    context.post('/v1/messages', { model: 'default', max_tokens: 100, messages, ...body }, init);
  return { ...context, ask };
}

interface MessageEvent {
  type: string;
  message?: { id: string };
  delta?: { text?: string };
  error?: { type: string; details: { error_code: string } };
  request_id?: string;
}

async function eventsOf(response: Response): Promise<MessageEvent[]> {
  return (await recordsOf(response)).map((record) => {
    const event = JSON.parse(record.data) as MessageEvent;
    expect(record.event).toBe(event.type);
    return event;
  });
}

const idle = (engine: Engine) => expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });

afterEach(() => {
  vi.useRealTimers();
});

describe('a stream of /v1/messages', () => {
  test('has the events of one message, whose id is the generation’s', async () => {
    await using context = await setUp(onceUpon);
    const response = await context.ask({ stream: true });
    expect(response.status).toBe(200);
    const { 'x-generation-id': id, ...headers } = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'request-id': expect.stringMatching(/^req_[\da-f]{32}$/),
    });
    const events = await eventsOf(response);
    expect(events[0]).toMatchObject({ type: 'message_start', message: { id: `msg_${id}`, model: 'scripted' } });
    expect(events.map(({ delta }) => delta?.text ?? '').join('')).toBe('Once upon a time.');
    expect(events.slice(-2)).toMatchObject([
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 4, output_tokens: 4 } },
      { type: 'message_stop' },
    ]);
  });

  test('starts before the prefill, also while queued', async () => {
    await using context = await setUp(faulty('prefill', 'stall', 0), { parallel: 1 });
    const hangUp = new AbortController();
    for (const queued of [0, 1]) {
      const { until } = reading(await context.ask({ stream: true }, { signal: hangUp.signal }));
      expect(await until(/event: ping\n/)).toMatch(/event: message_start\ndata: .*"input_tokens":4,/);
      expect(await context.engine.activity()).toMatchObject({ slots: { busy: 1 }, queued });
    }
    hangUp.abort();
    await idle(context.engine);
  });

  test('has pings as heartbeats, or comments if the client asks for them', async () => {
    await using context = await setUp(faulty('decode', 'stall'));
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const hangUp = new AbortController();
    const beats = async (headers: Record<string, string>, beat: RegExp) => {
      const { until } = reading(await context.ask({ stream: true }, { signal: hangUp.signal, headers }));
      await until(/"one"/);
      vi.advanceTimersByTime(15_000);
      await until(beat);
    };
    await beats({}, /"one"[\s\S]*\n\nevent: ping\ndata: \{"type":"ping"\}\n\n$/);
    await beats({ 'x-headway-heartbeat': 'comment' }, /"one"[\s\S]*\n\n: keep-alive\n$/);
    hangUp.abort();
    await idle(context.engine);
    await expect.poll(() => vi.getTimerCount()).toBe(0);
  });

  test('ends with an error event when the generation fails', async () => {
    await using context = await setUp(faulty('decode', 'fail'));
    const response = await context.ask({ stream: true });
    const events = await eventsOf(response);
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { type: 'api_error', details: { error_code: 'internal' } },
      request_id: response.headers.get('request-id'),
    });
    await idle(context.engine);
  });

  test('ends with an error event when another viewer cancels', async () => {
    await using context = await setUp(faulty('decode', 'stall'));
    const response = await context.ask({ stream: true });
    const { until } = reading(response);
    await until(/"one"/);
    const id = response.headers.get('x-generation-id');
    await fetch(`${context.gateway.url}/v1/generations/${id}`, { method: 'DELETE' });
    expect(await until(/event: error\n.*\n\n/)).not.toContain('message_stop');
    await expect(until(/message_stop/)).rejects.toThrow(/the stream ended/);
  });

  test('has progress on request, from the cached tokens to the whole prompt, before the first token', async () => {
    await using context = await setUp(onceUpon);
    const long = [{ role: 'user', content: 'word '.repeat(3000).trim() }];
    const silent = await eventsOf(await context.ask({ messages: long, stream: true }));
    expect(silent.map(({ type }) => type)).not.toContain('prefill_progress');
    const more = [{ role: 'user', content: `${'word '.repeat(3000)}${'more '.repeat(3000).trim()}` }];
    const init = { headers: { 'x-headway-progress': 'named' } };
    const events = await eventsOf(await context.ask({ messages: more, stream: true }, init));
    const types = events.map(({ type }) => type);
    const progress = events.filter(({ type }) => type === 'prefill_progress');
    expect(progress.length).toBeGreaterThan(5);
    expect(progress[0]).toMatchObject({ processed: 3001, cached: 3001, total: 6001 });
    expect(progress.at(-1)).toMatchObject({ processed: 6001, cached: 3001, total: 6001 });
    expect(types.lastIndexOf('prefill_progress')).toBeLessThan(types.indexOf('content_block_start'));
    expect(events.at(-2)).toMatchObject({ usage: { input_tokens: 3000, cache_read_input_tokens: 3001 } });
  });

  test('reports the place in the queue', async () => {
    await using context = await setUp(faulty('decode', 'stall'), { parallel: 1 });
    const hangUp = new AbortController();
    await reading(await context.ask({ stream: true }, { signal: hangUp.signal })).until(/"one"/);
    const waiting = await context.ask({ stream: true, return_progress: true }, { signal: hangUp.signal });
    expect(await reading(waiting).until(/event: prefill_progress\n.*\n/)).toMatch(
      /"phase":"queued","queuePosition":1,/,
    );
    hangUp.abort();
    await idle(context.engine);
  });
});

describe('an unstreamed answer of /v1/messages', () => {
  test('is one message with its content, stop reason and usage', async () => {
    await using context = await setUp({ script: { reply: 'Once upon a time.', reasoning: 'let me think' } });
    const response = await context.ask({});
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(await response.json()).toMatchObject({
      id: `msg_${response.headers.get('x-generation-id')}`,
      type: 'message',
      role: 'assistant',
      model: 'scripted',
      content: [
        { type: 'thinking', thinking: 'let me think', signature: 'unsigned' },
        { type: 'text', text: 'Once upon a time.' },
      ],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 4,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 3 },
      },
    });
    const quiet = await context.ask({ thinking: { type: 'disabled' } });
    expect(await quiet.json()).toMatchObject({ content: [{ type: 'text', text: 'Once upon a time.' }] });
  });

  test('has the arguments of calls as objects', async () => {
    await using context = await setUp({
      script: {
        reply: '',
        toolCalls: [
          { name: 'weather', arguments: '{"city": "Oslo"}' },
          { name: 'weather', arguments: '' },
        ],
      },
    });
    const response = await context.ask({ tools: [weather], tool_choice: { type: 'any' } });
    expect(await response.json()).toMatchObject({
      content: [
        { type: 'tool_use', id: expect.any(String), name: 'weather', input: { city: 'Oslo' } },
        { type: 'tool_use', name: 'weather', input: {} },
      ],
      stop_reason: 'tool_use',
    });
  });

  test('is cut at the context size if max_tokens exceeds it', async () => {
    await using context = await setUp({ ...onceUpon, contextSize: 7 });
    const response = await context.ask({ max_tokens: 100_000 });
    expect(await response.json()).toMatchObject({
      content: [{ text: 'Once upon a' }],
      stop_reason: 'max_tokens',
      usage: { output_tokens: 3 },
    });
  });

  test('is a 499 when another viewer cancels', async () => {
    await using context = await setUp(faulty('decode', 'stall'));
    const answer = context.ask({});
    const { generations } = await vi.waitFor(async () => {
      const listed = (await (await fetch(`${context.gateway.url}/v1/generations`)).json()) as {
        generations: { id: string }[];
      };
      expect(listed.generations).toHaveLength(1);
      return listed;
    });
    await fetch(`${context.gateway.url}/v1/generations/${generations[0]?.id}`, { method: 'DELETE' });
    const response = await answer;
    expect(response.status).toBe(499);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'api_error', details: { error_code: 'cancelled' } },
      request_id: response.headers.get('request-id'),
    });
  });
});

describe('a client of /v1/messages that hangs up', () => {
  test.each([true, false])('cancels the generation (streamed: %s)', async (stream) => {
    await using context = await setUp(faulty('decode', 'stall'));
    const hangUp = new AbortController();
    const answer = context.ask({ stream }, { signal: hangUp.signal }).then((response) => response.text());
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    hangUp.abort();
    await expect(answer).rejects.toThrow();
    await idle(context.engine);
  });

  test('can continue with the events if it sent X-Headway-Resume', async () => {
    const reply = Array.from({ length: 2000 }, (_, at) => `w${at}`).join(' ');
    await using context = await setUp({ script: { reply } });
    const hangUp = new AbortController();
    const init = { headers: { 'x-headway-resume': '1' }, signal: hangUp.signal };
    const response = await context.ask({ stream: true, max_tokens: 5000 }, init);
    const id = response.headers.get('x-generation-id') ?? '';
    await response.body?.getReader().read();
    hangUp.abort();
    const events = await recordsOf(await fetch(`${context.gateway.url}/v1/generations/${id}/events`));
    expect(JSON.parse(events.at(-1)?.data ?? '')).toMatchObject({ type: 'done', finishReason: 'stop' });
  });
});

describe('/v1/messages refuses in Anthropic’s format, before anything runs,', () => {
  const json = { 'content-type': 'application/json' };

  test.each<[string, RequestInit & { path?: string }, number, string, RegExp]>([
    [
      'an invalid field',
      { body: '{"max_tokens":5,"messages":[{"role":"user","content":7}]}' },
      400,
      'invalid_request_error',
      /^messages\[0\]\.content: /,
    ],
    ['no max_tokens', { body: JSON.stringify({ messages }) }, 400, 'invalid_request_error', /^max_tokens: is missing/],
    [
      'two tools of the same name',
      { body: JSON.stringify({ messages, max_tokens: 5, tools: [weather, weather] }) },
      400,
      'invalid_request_error',
      /^tools\[1\]\.name: /,
    ],
    [
      'a forced tool call without tools',
      { body: JSON.stringify({ messages, max_tokens: 5, tool_choice: { type: 'any' } }) },
      400,
      'invalid_request_error',
      /^tool_choice: /,
    ],
    [
      'an unknown model',
      { body: JSON.stringify({ messages, max_tokens: 5, model: 'claude-x' }) },
      404,
      'not_found_error',
      /^model: .*scripted/,
    ],
    [
      'a prompt that does not fit',
      { body: JSON.stringify({ messages: [{ role: 'user', content: 'word '.repeat(99) }], max_tokens: 5 }) },
      400,
      'invalid_request_error',
      /^prompt is too long: /,
    ],
    ['broken JSON', { body: '{"messages":' }, 400, 'invalid_request_error', /JSON/],
    ['no body', { body: '' }, 400, 'invalid_request_error', /body is empty/],
    [
      'a form',
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'invalid_request_error',
      /application\/json/,
    ],
    ['a body that is too large', { body: 'x'.repeat(5 * 2 ** 20) }, 413, 'request_too_large', /4 MiB/],
    ['another method', { method: 'GET' }, 405, 'invalid_request_error', /takes POST/],
    ['an unknown route', { path: '/v1/messages/batches', body: '{}' }, 404, 'not_found_error', /not a route/],
    [
      'a page of another site',
      { body: '{}', headers: { ...json, origin: 'https://evil.example' } },
      403,
      'permission_error',
      /Origin/,
    ],
    [
      'an unknown progress dialect',
      {
        body: JSON.stringify({ messages, max_tokens: 5, stream: true }),
        headers: { ...json, 'x-headway-progress': 'loud' },
      },
      400,
      'invalid_request_error',
      /X-Headway-Progress/,
    ],
  ])('%s', async (_what, { path = '/v1/messages', ...init }, status, type, message) => {
    await using context = await setUp({ contextSize: 64 });
    const response = await fetch(context.gateway.url + path, { method: 'POST', headers: json, ...init });
    expect(response.status).toBe(status);
    const requestId = response.headers.get('request-id');
    expect(requestId).toMatch(/^req_/);
    expect(await response.json()).toEqual({
      type: 'error',
      error: { type, message: expect.stringMatching(message), details: expect.any(Object) },
      request_id: requestId,
    });
    await idle(context.engine);
  });

  test('a request without a key, and one over the rate limit', async () => {
    const key = createApiKey();
    await using context = await setUp(onceUpon, {}, { apiKeys: [key], limits: { requests: 10 } });
    const unknown = await context.ask({});
    expect(unknown.status).toBe(401);
    expect(await unknown.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    const ask = () => context.ask({}, { headers: { 'x-api-key': key } });
    let response = await ask();
    expect(response.status).toBe(200);
    for (let tries = 0; response.status === 200 && tries < 20; tries++) response = await ask();
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  });

  test('a request while the queue is full, with 529 and Retry-After', async () => {
    await using context = await setUp(faulty('decode', 'stall'), { parallel: 1, maxQueue: 0 });
    const hangUp = new AbortController();
    await reading(await context.ask({ stream: true }, { signal: hangUp.signal })).until(/"one"/);
    const response = await context.ask({ stream: true });
    expect(response.status).toBe(529);
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'retry-after': '1', 'x-should-retry': 'true' });
    expect(await response.json()).toMatchObject({
      error: { type: 'overloaded_error', details: { error_code: 'queue-full' } },
    });
    hangUp.abort();
    await idle(context.engine);
  });
});
