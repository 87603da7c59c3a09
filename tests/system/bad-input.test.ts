import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';

import { createEngine, createVirtualClock, scripted, type Engine } from '@headway/engine';
import { startGateway, type Gateway } from '@headway/gateway';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

const clock = createVirtualClock({ auto: true });
const serverSockets = new Set<Socket>();
const warnings: Error[] = [];
/** All responses of this file's requests. */
const responses: string[] = [];
let engine: Engine;
let gateway: Gateway;
let listenersBefore: number;

const onSocket = (message: unknown) => {
  const { socket } = message as { socket: Socket };
  serverSockets.add(socket);
  socket.once('close', () => serverSockets.delete(socket));
};
const onWarning = (warning: Error) => warnings.push(warning);
const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);

beforeAll(async () => {
  subscribe('net.server.socket', onSocket);
  process.on('warning', onWarning);
  engine = await createEngine({
    backend: scripted({
      clock,
      contextSize: 512,
      script: ({ prompt }) => ({
        reply: 'fine',
        fault: prompt === 'stall' ? { phase: 'decode', afterTokens: 0, does: 'stall' } : null,
      }),
    }),
    clock,
    parallel: 2,
  });
  gateway = await startGateway({ engine, port: 0, graceMs: 0 });
  listenersBefore = listeners();
});

afterAll(async () => {
  await gateway.close();
  await engine.close();
  unsubscribe('net.server.socket', onSocket);
  process.off('warning', onWarning);
});

interface HttpAnswer {
  status: number | undefined;
  allow: string | undefined;
  body: {
    error?: {
      message: string;
      code: unknown;
      param?: string | null;
      data?: { code: string; headway: { code: string } };
    };
  };
}

function http(
  path: string,
  {
    method = 'POST',
    type = 'application/json',
    body,
  }: { method?: string; type?: string | null; body?: string | Buffer } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const headers = type === null ? {} : { 'content-type': type };
    const call = request(gateway.url + path, { method, agent: false, headers }, (response) => {
      const {
        statusCode: status,
        headers: { allow },
      } = response;
      json(response).then((answer) => {
        responses.push(JSON.stringify(answer));
        resolve({ status, allow, body: answer as HttpAnswer['body'] });
      }, reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

interface Frame {
  id: number | string | null;
  result?: { type: string; data?: unknown };
  error?: { message: string; data: { code: string; headway: { code: string } } };
}

class Wire implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  readonly frames: Frame[] = [];
  #wake: (() => void) | null = null;

  constructor(query = '') {
    this.socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/trpc${query}`);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('error', () => undefined);
    this.socket.on('message', (frame: Buffer) => {
      responses.push(frame.toString());
      this.frames.push(JSON.parse(frame.toString()) as Frame);
      this.#wake?.();
    });
  }

  async open(): Promise<this> {
    await new Promise((resolve) => this.socket.once('open', resolve));
    return this;
  }

  send(...frames: (object | string | Buffer)[]): this {
    for (const frame of frames)
      this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
    return this;
  }

  /** The first received or future frame that matches. */
  async find(fits: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async [Symbol.asyncDispose]() {
    this.socket.close();
    await this.closed;
  }
}

const generate = (input: unknown, id: number | string = 1) => ({
  id,
  method: 'subscription',
  params: { path: 'generate', input },
});
const cancel = (input: unknown) => ({ id: 1, method: 'mutation', params: { path: 'cancel', input } });
const words = (count: number) => Array.from({ length: count }, () => 'word').join(' ');
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const tenMegabytes = 'x'.repeat(10_000_000);

describe('tRPC frames', () => {
  test.each<[string, string | Buffer | object, string, RegExp]>([
    ['broken JSON', '{"id":1', 'PARSE_ERROR', /not valid JSON/],
    ['an empty frame', '', 'PARSE_ERROR', /not valid JSON/],
    ['a binary frame of garbage', Buffer.from([0, 159, 146, 150]), 'PARSE_ERROR', /tRPC.*binary/],
    ['a number', '5', 'PARSE_ERROR', /tRPC.*Not an object/],
    ['null', 'null', 'PARSE_ERROR', /tRPC.*Not an object/],
    ['a batch of garbage', '[1, "x"]', 'PARSE_ERROR', /tRPC.*Not an object/],
    ['no id', { method: 'query', params: { path: 'models' } }, 'PARSE_ERROR', /Invalid request id/],
    [
      'an object for an id',
      { id: {}, method: 'query', params: { path: 'models' } },
      'PARSE_ERROR',
      /Invalid request id/,
    ],
    ['null for an id', { id: null, method: 'query', params: { path: 'models' } }, 'PARSE_ERROR', /id/],
    [
      'an unknown method',
      { id: 1, method: 'destroy', params: { path: 'models' } },
      'PARSE_ERROR',
      /Invalid procedure type/,
    ],
    ['no params', { id: 1, method: 'query' }, 'PARSE_ERROR', /Not an object/],
    [
      'a path that is no string',
      { id: 1, method: 'query', params: { path: ['models'] } },
      'PARSE_ERROR',
      /Invalid string/,
    ],
    ['an unknown procedure', { id: 1, method: 'query', params: { path: 'destroy' } }, 'NOT_FOUND', /destroy/],
    [
      'a property of the prototype',
      { id: 1, method: 'query', params: { path: '__proto__' } },
      'NOT_FOUND',
      /__proto__/,
    ],
    [
      'a query that is called as a subscription',
      { id: 1, method: 'subscription', params: { path: 'models' } },
      'NOT_FOUND',
      /models/,
    ],
    [
      'a subscription that is called as a query',
      { id: 1, method: 'query', params: { path: 'generate', input: { prompt: 'x' } } },
      'NOT_FOUND',
      /generate/,
    ],
  ])('%s', async (_what, frame, code, message) => {
    await using wire = await new Wire().open();
    const { error } = await wire.send(frame).find(({ error: found }) => found !== undefined);
    expect(error).toMatchObject({
      message: expect.stringMatching(message),
      data: { code, headway: { code: 'invalid-request' } },
    });
    // The connection still works.
    expect(
      (await wire.send({ id: 99, method: 'query', params: { path: 'models' } }).find(({ id }) => id === 99)).result,
    ).toMatchObject({ type: 'data' });
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^request: /],
    ['a string', 'hello', /^request: /],
    ['an array', [], /^request: /],
    ['neither prompt nor messages', {}, /^prompt: is missing; send `prompt` or `messages`/],
    ['both', { prompt: 'x', messages: [{ role: 'user', content: 'x' }] }, /^prompt: .*one of them/],
    ['a prompt of another type', { prompt: 5 }, /^prompt: /],
    ['an empty prompt', { prompt: '' }, /^prompt: is empty/],
    ['no messages', { messages: [] }, /^messages: /],
    ['a message that is null', { messages: [null] }, /^messages\[0\]: /],
    ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, /^messages\[0\]\.role: /],
    ['no content', { messages: [{ role: 'user' }] }, /^messages\[0\]\.content: /],
    [
      'an image',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      /^messages\[0\]\.content\[0\]\.type: .*image_url/,
    ],
    [
      'an unknown field of a message',
      { messages: [{ role: 'user', content: 'x', name: 'ada' }] },
      /^messages\[0\]\.name: unknown field/,
    ],
    ['an unknown field', { prompt: 'x', max_tokens: 5 }, /^max_tokens: unknown field/],
    ['a field named __proto__', '{"prompt":"x","__proto__":{"a":1}}', /^__proto__: the name/],
    ['a temperature that is no number', { prompt: 'x', temperature: 'hot' }, /^temperature: /],
    ['a temperature below 0', { prompt: 'x', temperature: -1 }, /^temperature: /],
    ['an infinite temperature', '{"prompt":"x","temperature":1e999}', /^temperature: /],
    ['half a token', { prompt: 'x', maxTokens: 1.5 }, /^maxTokens: /],
    ['no token', { prompt: 'x', maxTokens: 0 }, /^maxTokens: /],
    ['more tokens than there are atoms', { prompt: 'x', maxTokens: 1e300 }, /^maxTokens: /],
    ['a seed that is too big', { prompt: 'x', seed: 2 ** 32 }, /^seed: /],
    ['an empty stop string', { prompt: 'x', stop: '' }, /^stop: /],
    ['too many stop strings', { prompt: 'x', stop: Array.from({ length: 65 }, () => 'x') }, /^stop: /],
    ['an id with a space', { prompt: 'x', id: 'a b' }, /^id: use 1 to 64/],
    ['an id that is too long', { prompt: 'x', id: 'a'.repeat(65) }, /^id: use 1 to 64/],
    ['nine choices', { prompt: 'x', choices: 9 }, /^choices: /],
    ['more choices than slots', { prompt: 'x', choices: 3 }, /^choices: /],
    ['tools without a conversation', { prompt: 'x', tools: [{ name: 'f' }] }, /^tools: /],
    ['a negative interval', { prompt: 'x', progressIntervalMs: -1 }, /^progressIntervalMs: /],
    [
      'a schema nested too deep to read',
      `{"prompt":"x","responseFormat":{"type":"json","schema":{"a":${nested(50_000)}}}}`,
      /^responseFormat\.schema: is nested deeper/,
    ],
  ])('generate with %s', async (_what, input, message) => {
    await using wire = await new Wire().open();
    const frame =
      typeof input === 'string' && input.startsWith('{')
        ? JSON.stringify(generate(null)).replace('"input":null', () => `"input":${input}`)
        : generate(input);
    const { error } = await wire.send(frame).find(({ error: found }) => found !== undefined);
    expect(error).toMatchObject({
      message: expect.stringMatching(message),
      data: { code: 'BAD_REQUEST', headway: { code: 'invalid-request', retryable: false } },
    });
  });

  test.each<[string, unknown, string, string]>([
    ['an unknown model', { prompt: 'x', model: 'gpt-4o' }, 'NOT_FOUND', 'model-not-found'],
    ['a prompt that does not fit', { prompt: words(600) }, 'BAD_REQUEST', 'context-overflow'],
    ['a generation that is over', { prompt: 'x', lastEventId: 'gone:3' }, 'NOT_FOUND', 'generation-not-found'],
  ])('generate with %s', async (_what, input, code, headway) => {
    await using wire = await new Wire().open();
    const { error } = await wire.send(generate(input)).find(({ error: found }) => found !== undefined);
    expect(error).toMatchObject({ data: { code, headway: { code: headway } } });
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^request: /],
    ['a number', { id: 5 }, /^id: /],
    ['an unknown field', { id: 'x', force: true }, /^force: unknown field/],
  ])('cancel with %s', async (_what, input, message) => {
    await using wire = await new Wire().open();
    const { error } = await wire.send(cancel(input)).find(({ error: found }) => found !== undefined);
    expect(error).toMatchObject({
      message: expect.stringMatching(message),
      data: { headway: { code: 'invalid-request' } },
    });
  });

  test('cancel of an unknown generation answers cancelled: false', async () => {
    await using wire = await new Wire().open();
    expect((await wire.send(cancel({ id: 'nobody' })).find(({ id }) => id === 1)).result).toMatchObject({
      data: { cancelled: false },
    });
  });

  test('a frame of 10 MB closes the connection with 1009', async () => {
    await using wire = await new Wire().open();
    expect(await wire.send(tenMegabytes).closed).toBe(1009);
  });

  test.each([
    ['a reserved bit', Buffer.from([0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ['an unmasked frame', Buffer.from([0x81, 0x01, 0x41]), 1002],
    ['text that is not UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]), 1007],
    [
      'a ping longer than allowed',
      Buffer.concat([Buffer.from([0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0]), Buffer.alloc(256)]),
      1002,
    ],
  ])('%s closes the connection with its close code', async (_what, bytes, code) => {
    await using wire = await new Wire().open();
    (wire.socket as unknown as { _socket: Socket })._socket.write(bytes);
    expect(await wire.closed).toBe(code);
  });

  test('invalid connection parameters close the connection with a reason', async () => {
    await using wire = await new Wire('?connectionParams=1').open();
    wire.send('garbage');
    expect((await wire.find(({ error }) => error !== undefined)).error?.data.headway.code).toBe('invalid-request');
    await wire.closed;
  });

  test('a connection that breaks within a frame leaks nothing', async () => {
    await using wire = await new Wire().open();
    const { _socket: socket } = wire.socket as unknown as { _socket: Socket };
    socket.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4, 5, 6]), () => socket.destroy());
    await wire.closed;
    await expect.poll(() => serverSockets.size).toBe(0);
  });

  test('a call with an id in use on the connection is refused, and the first call goes on', async () => {
    await using wire = await new Wire().open();
    wire.send(generate({ prompt: 'stall' }), generate({ prompt: 'x' }));
    expect((await wire.find(({ error }) => error !== undefined)).error).toMatchObject({
      message: 'Duplicate id 1',
      data: { headway: { code: 'invalid-request' } },
    });
    await wire.find(({ result }) => result?.type === 'data');
    wire.send({ id: 1, method: 'subscription.stop' });
    await wire.find(({ result }) => result?.type === 'stopped');
  });

  test('a generation with the id of another request is a conflict', async () => {
    await using wire = await new Wire().open();
    wire.send(generate({ prompt: 'stall', id: 'mine' }, 1));
    await wire.find(({ result }) => result?.type === 'data');
    expect((await wire.send(generate({ prompt: 'x', id: 'mine' }, 2)).find(({ id }) => id === 2)).error).toMatchObject({
      data: { code: 'CONFLICT', headway: { code: 'conflict' } },
    });
  });

  test('500 subscriptions that stop while they start leak nothing', async () => {
    await using wire = await new Wire().open();
    for (let id = 1; id <= 500; id++)
      wire.send(
        generate({ prompt: 'stall' }, id),
        { id, method: 'subscription.stop' },
        { id, method: 'subscription.stop' },
      );
    for (let id = 1; id <= 500; id++)
      await wire.find((frame) => frame.id === id && (frame.result?.type === 'stopped' || frame.error !== undefined));
    await expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  test('200 connections that close before their responses leak nothing', async () => {
    await Promise.all(
      Array.from({ length: 200 }, async (_, at) => {
        const wire = await new Wire().open();
        wire.send(generate({ prompt: 'stall' }));
        if (at % 2 === 0) wire.socket.terminate();
        else wire.socket.close();
        await wire.closed;
      }),
    );
    await expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  test('a stop of an unknown subscription is ignored', async () => {
    await using wire = await new Wire().open();
    wire.send({ id: 7, method: 'subscription.stop' }, generate({ prompt: 'x' }, 8));
    await wire.find(({ id, result }) => id === 8 && result?.type === 'stopped');
    expect(wire.frames.every(({ id }) => id === 8)).toBe(true);
  });
});

describe('tRPC over HTTP', () => {
  const input = encodeURIComponent('{"prompt":"x"}');
  test.each<[string, string, Parameters<typeof http>[1], number, string, RegExp]>([
    [
      'a GET that would generate',
      `/trpc/generate?input=${input}`,
      { method: 'GET', type: null },
      405,
      'METHOD_NOT_SUPPORTED',
      /WebSocket/,
    ],
    [
      'a POST that would generate',
      '/trpc/generate',
      { body: '{"prompt":"x"}' },
      405,
      'METHOD_NOT_SUPPORTED',
      /WebSocket/,
    ],
    [
      'a GET that would cancel',
      `/trpc/cancel?input=${encodeURIComponent('{"id":"x"}')}`,
      { method: 'GET', type: null },
      405,
      'METHOD_NOT_SUPPORTED',
      /GET/,
    ],
    ['an unknown method', '/trpc/status', { method: 'DELETE', type: null }, 405, 'METHOD_NOT_SUPPORTED', /DELETE/],
    ['an unknown procedure', '/trpc/destroy', { method: 'GET', type: null }, 404, 'NOT_FOUND', /destroy/],
    ['no procedure', '/trpc', { method: 'GET', type: null }, 404, 'NOT_FOUND', /\/trpc/],
    ['a path below one', '/trpc/a/b', { method: 'GET', type: null }, 404, 'NOT_FOUND', /a\/b/],
    ['malformed JSON', '/trpc/cancel', { body: '{"id":' }, 400, 'BAD_REQUEST', /not valid JSON/],
    ['a wrong type', '/trpc/cancel', { body: '{"id":5}' }, 400, 'BAD_REQUEST', /^id: /],
    ['no body', '/trpc/cancel', {}, 400, 'BAD_REQUEST', /^request: /],
    [
      'another content type',
      '/trpc/cancel',
      { type: 'text/plain', body: '{"id":"x"}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      /application\/json/,
    ],
    ['10 MB', '/trpc/cancel', { body: tenMegabytes }, 413, 'PAYLOAD_TOO_LARGE', /4 MiB/],
    ['a query that is no JSON', '/trpc/status?batch=1&input=%7B', { method: 'GET', type: null }, 200, '', /./],
    ['a name that cannot be decoded', '/trpc/%25zz', { method: 'GET', type: null }, 400, 'BAD_REQUEST', /%zz/],
  ])('%s', async (_what, path, init, status, code, message) => {
    const answer = await http(path, init);
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(answer.body.error).toMatchObject({
      message: expect.stringMatching(message),
      data: { code, headway: { code: 'invalid-request' } },
    });
  });

  test.each([
    ['a list', '[]'],
    ['a string', '"x"'],
    ['inputs of wrong types', '{"0":5,"1":{"id":7}}'],
    ['broken', '{'],
  ])('a batch with %s is refused', async (_what, body) => {
    const answer = await http('/trpc/cancel,cancel?batch=1', { body });
    expect([400, 207]).toContain(answer.status);
    const errors = [answer.body].flat() as HttpAnswer['body'][];
    for (const { error } of errors)
      expect(error?.data).toMatchObject({ code: 'BAD_REQUEST', headway: { code: 'invalid-request' } });
  });

  test('a batch with a generation in it starts nothing', async () => {
    const answer = await http(`/trpc/status,generate?batch=1&input=${encodeURIComponent('{"1":{"prompt":"stall"}}')}`, {
      method: 'GET',
      type: null,
    });
    expect(answer.status).toBe(207);
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });
});

describe('HTTP', () => {
  const chat = '/v1/chat/completions';
  const body = (fields: object) => ({
    body: JSON.stringify({ messages: [{ role: 'user', content: 'x' }], ...fields }),
  });

  test.each<[string, string, Parameters<typeof http>[1], number, RegExp]>([
    ['malformed JSON', chat, { body: '{"messages": [' }, 400, /JSON/],
    ['no body', chat, {}, 400, /empty|request: /],
    ['an empty body', chat, { body: '' }, 400, /empty|request: /],
    ['null', chat, { body: 'null' }, 400, /must be an object/],
    ['an array', chat, { body: '[]' }, 400, /must be an object/],
    ['a string', chat, { body: '"hello"' }, 400, /must be an object/],
    ['bytes that are not UTF-8', chat, { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) }, 400, /JSON/],
    ['a prototype that is poisoned', chat, { body: '{"messages":[],"__proto__":{"admin":true}}' }, 400, /__proto__/],
    ['10 MB', chat, { body: tenMegabytes }, 413, /4 MiB/],
    [
      '4 MB of empty objects',
      chat,
      body({ messages: Array.from({ length: 1_300_000 }, () => ({})) }),
      400,
      /100000 values/,
    ],
    ['10 MB of JSON', chat, body({ messages: [{ role: 'user', content: tenMegabytes }] }), 413, /4 MiB/],
    ['text', chat, { type: 'text/plain', body: 'hello' }, 415, /application\/json/],
    ['a form', chat, { type: 'application/x-www-form-urlencoded', body: 'messages=hello' }, 415, /application\/json/],
    ['no content type', chat, { type: null, body: '{}' }, 415, /application\/json/],
    ['an invalid content type', chat, { type: ';;;', body: '{}' }, 415, /application\/json/],
    ['an unknown route', '/v2/everything', { method: 'GET', type: null }, 404, /\/v2\/everything/],
    ['an unknown route, posted to', '/v1/embeddings', { body: '{}' }, 404, /\/v1\/embeddings/],
    ['a GET for a POST', chat, { method: 'GET', type: null }, 405, /takes POST, not GET/],
    ['a DELETE for a GET', '/v1/models', { method: 'DELETE', type: null }, 405, /takes GET, not DELETE/],
    ['a path with a star in it', '/a/*/b', { method: 'GET', type: null }, 404, /\/a\/\*\/b/],
    ['a path that would be half a pattern', '/:a,(', { method: 'GET', type: null }, 404, /\/:a,\(/],
    ['a path that cannot be decoded', '/%zz', { method: 'GET', type: null }, 400, /%zz/],
    [
      'a schema nested too deep to read',
      chat,
      {
        body: `{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"a":${nested(50_000)}}}}}`,
      },
      400,
      /^response_format\.json_schema\.schema: is nested deeper/,
    ],
  ])('%s', async (_what, path, init, status, message) => {
    const answer = await http(path, init);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatchObject({
      message: expect.stringMatching(message),
      code: 'invalid-request',
      type: 'invalid_request_error',
    });
    expect(answer.allow).toBe(status === 405 ? (path === chat ? 'POST' : 'GET') : undefined);
  });

  test.each<[string, object]>([
    ['messages', { messages: 'hello' }],
    ['messages', { messages: [] }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 7 }] }],
    [
      'messages[0].content[0].type',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] },
    ],
    [
      'messages[0].content[1].type',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, { type: 'input_audio' }] }] },
    ],
    ['model', { model: 7 }],
    ['stream', { stream: 'true' }],
    ['max_tokens', { max_tokens: 1e300 }],
    ['max_completion_tokens', { max_completion_tokens: '7' }],
    ['temperature', { temperature: null, top_p: 'x', n: 1 }],
    ['top_p', { top_p: -1 }],
    ['top_k', { top_k: 1.5 }],
    ['min_p', { min_p: 'x' }],
    ['repeat_penalty', { repeat_penalty: 9 }],
    ['presence_penalty', { presence_penalty: -3 }],
    ['frequency_penalty', { frequency_penalty: 3 }],
    ['logit_bias', { logit_bias: { the: 1 } }],
    [
      'logit_bias.5',
      {
        logit_bias: [
          [5, 60],
          [5, 60],
        ],
      },
    ],
    ['seed', { seed: 'x' }],
    ['stop', { stop: { a: 1 } }],
    ['ignore_eos', { ignore_eos: 1 }],
    ['n', { n: 3 }],
    [
      'tools[1].function.name',
      {
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'function', function: { name: 'f' } },
        ],
      },
    ],
    ['tool_choice', { tool_choice: 'required' }],
    [
      'response_format.json_schema.schema.not',
      { response_format: { type: 'json_schema', json_schema: { strict: true, schema: { not: {} } } } },
    ],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['return_progress', { return_progress: 1 }],
    ['stream_options', { stream_options: true }],
  ])('a chat error names the field %s: %j', async (param, fields) => {
    const named = param === 'temperature' ? 'top_p' : param;
    const answer = await http(chat, body(fields));
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      code: 'invalid-request',
      param: named,
      message: expect.stringContaining(`${named}: `),
    });
  });

  test.each<[string, object]>([
    ['prompt', { prompt: 7 }],
    ['prompt', { prompt: ['x', 'y'] }],
    ['prompt[0]', { prompt: [1] }],
    ['prompt', { prompt: '' }],
    ['suffix', { suffix: 'x' }],
    ['best_of', { best_of: 2 }],
    ['echo', { echo: true, logprobs: 1 }],
    ['logprobs', { logprobs: 6 }],
    ['max_tokens', { max_tokens: 1e300 }],
    ['n', { n: 3 }],
    ['seed', { seed: 'x' }],
  ])('a completion error names the field %s: %j', async (param, fields) => {
    const answer = await http('/v1/completions', { body: JSON.stringify({ prompt: 'x', ...fields }) });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      code: 'invalid-request',
      param,
      message: expect.stringMatching(new RegExp(`^${param.replace(/[[\].]/g, String.raw`\$&`)}: `)),
    });
  });

  test.each<[string, object]>([
    ['input', { input: [] }],
    ['input', { input: { role: 'user', content: 'x' } }],
    ['input[0].role', { input: [{ role: 'robot', content: 'x' }] }],
    ['input[0].content[0].type', { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:' }] }] }],
    ['input[0].id', { input: [{ type: 'item_reference', id: 7 }] }],
    ['input[0].call_id', { input: [{ type: 'function_call_output', call_id: 'x', output: 'x' }] }],
    ['instructions', { instructions: ['x'] }],
    ['max_output_tokens', { max_output_tokens: 1e300 }],
    ['text.format.schema', { text: { format: { type: 'json_schema', name: 'x', schema: 7 } } }],
    ['tools[0].type', { tools: [{ type: 'search' }] }],
    ['tools[0].parameters', { tools: [{ type: 'function', name: 'f', parameters: 'x' }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['previous_response_id', { previous_response_id: 7 }],
    ['background', { background: true }],
  ])('a Responses error names the field %s: %j', async (param, fields) => {
    const answer = await http('/v1/responses', { body: JSON.stringify({ input: 'x', ...fields }) });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      code: 'invalid-request',
      param,
      message: expect.stringContaining(`${param}: `),
    });
  });

  test.each<[string, object]>([
    ['messages', { messages: 'x' }],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] }],
    [
      'messages[0].content[0].tool_use_id',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x' }] }] },
    ],
    [
      'messages[0].content[0]',
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'x', name: 'f', input: {} }] }] },
    ],
    ['max_tokens', { max_tokens: 1e300 }],
    ['max_tokens', { max_tokens: null }],
    ['system', { system: { text: 'x' } }],
    ['stop_sequences', { stop_sequences: Array.from({ length: 65 }, () => 'x') }],
    ['temperature', { temperature: -1 }],
    ['tools[0].type', { tools: [{ type: 'search', name: 'web_search' }] }],
    ['tools[0].input_schema', { tools: [{ name: 'f', input_schema: 'x' }] }],
    ['tool_choice', { tool_choice: { type: 'any' } }],
    ['tool_choice.name', { tool_choice: { type: 'tool', name: 'f' } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: -1 } }],
    ['output_config.format.schema', { output_config: { format: { type: 'json_schema', schema: [] } } }],
  ])('a Messages error names the field %s: %j', async (param, fields) => {
    const messages = [{ role: 'user', content: 'x' }];
    const answer = await http('/v1/messages', { body: JSON.stringify({ messages, max_tokens: 5, ...fields }) });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringMatching(new RegExp(`^${param.replace(/[[\].]/g, String.raw`\$&`)}: `)),
      details: { error_code: 'invalid-request' },
    });
  });

  test('unknown fields of newer clients are ignored', async () => {
    const answer = await http(
      chat,
      body({
        tools: [],
        n: 1,
        logprobs: false,
        tool_choice: 'none',
        response_format: { type: 'text' },
        store: true,
        reasoning_effort: 'low',
        tomorrow: { a: [1] },
      }),
    );
    expect(answer.status).toBe(200);
  });

  const raw = (text: string | Buffer) =>
    new Promise<string>((resolve) => {
      const { hostname, port } = new URL(gateway.url);
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let answer = '';
      socket.setEncoding('utf8').on('data', (part) => (answer += String(part)));
      socket.on('error', () => undefined).on('close', () => resolve(answer));
    });

  test.each<[string, string]>([
    ['text that is not HTTP', 'hello?\r\n\r\n'],
    ['a TLS handshake', '\u0016\u0003\u0001\u0002\u0000\u0001'],
    ['headers of a megabyte', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`],
    [
      'two lengths',
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    ],
    [
      'an invalid Content-Length',
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n',
    ],
    [
      'a broken chunk',
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
  ])('%s gets 400', async (_what, text) => {
    const answer = await raw(text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/"code":"invalid-request"/);
  });

  test('a request without Host is refused', async () => {
    expect(await raw('GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(await raw('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 [\s\S]*Host: /);
  });

  test('an incomplete body leaks nothing', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${chat} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"messages":`,
      () => socket.destroy(),
    );
    await new Promise((resolve) => socket.once('close', resolve));
    await expect.poll(() => serverSockets.size).toBe(0);
    expect(await engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });
});

describe('after all these requests', () => {
  test('the gateway answers, runs nothing, and holds no socket', async () => {
    await expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0, total: 2 }, queued: 0 });
    await expect.poll(() => serverSockets.size).toBe(0);
    const answer = await http('/v1/chat/completions', {
      body: JSON.stringify({ messages: [{ role: 'user', content: 'still there?' }] }),
    });
    expect(answer.body).toMatchObject({ choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }] });
    await using wire = await new Wire().open();
    wire.send(generate({ prompt: 'still there?' }));
    await wire.find(({ result }) => result?.type === 'stopped');
    expect(serverSockets.size).toBe(1);
  });

  test('no response holds a stack or a path of a file', () => {
    expect(responses.length).toBeGreaterThan(150);
    expect(responses.filter((answer) => /"stack"|node_modules|\.(ts|js|mjs):\d/.test(answer))).toEqual([]);
  });

  test('the process has no extra listener and printed no warning about listeners', async () => {
    await expect.poll(() => serverSockets.size).toBe(0);
    expect(listeners()).toBe(listenersBefore);
    expect(warnings).toEqual([]);
  });
});
