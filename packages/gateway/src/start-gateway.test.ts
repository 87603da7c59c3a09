import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { createEngine, createVirtualClock, scripted, type Engine, type ScriptedOptions } from '@headway/engine';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { startGateway, type GatewayOptions } from './index.ts';

async function setUp(
  options: ScriptedOptions = {},
  gatewayOptions: Partial<GatewayOptions> = {},
  clock = createVirtualClock({ auto: true }),
) {
  const engine = await createEngine({ backend: scripted({ clock, ...options }), clock, lazy: true });
  const gateway = await startGateway({ engine, port: 0, ...gatewayOptions });
  return {
    clock,
    engine,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

/** Sends a request with headers that `fetch` would refuse to set. */
function ask(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  return new Promise<{ status: number | undefined; headers: IncomingMessage['headers']; body: string }>(
    (resolve, reject) => {
      const call = request(url, { method, headers, agent: false }, (response) => {
        text(response).then(
          (answer) => resolve({ status: response.statusCode, headers: response.headers, body: answer }),
          reject,
        );
      });
      call.on('error', reject);
      call.end(body);
    },
  );
}

/** Opens a WebSocket. Returns `open`, or the status and body of the refusal. */
function upgrade(url: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers });
    socket.on('open', () => {
      socket.once('close', () => resolve('open'));
      socket.close();
    });
    socket.on('unexpected-response', (_request, response) => {
      text(response).then((answer) => resolve(`${response.statusCode} ${answer}`), reject);
    });
    socket.on('error', () => undefined);
  });
}

const post = (body: object, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const hello = { messages: [{ role: 'user', content: 'hello' }] };
const stalling: ScriptedOptions = {
  script: { reply: 'one two', fault: { phase: 'decode', afterTokens: 1, does: 'stall' } },
};
const busy = (engine: Engine, slots: number) =>
  expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: slots } });

describe('a gateway', () => {
  test('answers /healthz at once, and /readyz once its models are loaded', async () => {
    await using context = await setUp({ loadMs: 1000 }, {}, createVirtualClock());
    const { url } = context.gateway;
    expect(await ask(`${url}/healthz`)).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(await ask(`${url}/readyz`)).toMatchObject({
      status: 503,
      body: '{"ready":false,"reason":"scripted is loading"}',
    });
    await context.clock.advance(1000);
    await context.engine.ready();
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200, body: '{"ready":true}' });
  });

  test('that drains refuses new requests and finishes running ones', async () => {
    await using context = await setUp(stalling);
    const { gateway, engine } = context;
    const running = ask(`${gateway.url}/v1/chat/completions`, post({ ...hello, stream: true }));
    await busy(engine, 1);
    expect(gateway.running).toBe(1);
    let drained = false;
    const draining = gateway.drain(60_000).then(() => (drained = true));
    expect(await ask(`${gateway.url}/readyz`)).toMatchObject({
      status: 503,
      body: '{"ready":false,"reason":"the gateway is shutting down"}',
    });
    const refused = await ask(`${gateway.url}/v1/chat/completions`, post(hello));
    expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('"code":"shutting-down"') });
    expect(JSON.parse((await ask(`${gateway.url}/trpc/status`)).body)).toMatchObject({
      result: { data: { draining: true, ready: false, engine: null } },
    });
    expect(drained).toBe(false);
    const list = JSON.parse((await ask(`${gateway.url}/v1/generations`)).body) as { generations: { id: string }[] };
    const [only] = list.generations;
    await ask(`${gateway.url}/v1/generations/${only?.id}`, { method: 'DELETE' });
    await draining;
    expect((await running).body).toContain('"code":"cancelled"');
  });

  test('ends with close what a drain did not finish in time, with the error shutting-down', async () => {
    await using context = await setUp(stalling);
    const { gateway, engine } = context;
    const running = ask(`${gateway.url}/v1/chat/completions`, post({ ...hello, stream: true }));
    await busy(engine, 1);
    await gateway.drain(1);
    expect(gateway.running).toBe(1);
    await gateway.close();
    expect((await running).body).toContain('"code":"shutting-down"');
  });

  test('refuses times and token counts out of bounds', async () => {
    const engine = await createEngine({ backend: scripted() });
    for (const times of [
      { graceMs: Infinity },
      { graceMs: -1 },
      { slowConsumerMs: Number.NaN },
      { generationTokens: Number.NaN },
    ])
      await expect(startGateway({ engine, port: 0, ...times })).rejects.toMatchObject({ code: 'invalid-request' });
    await using gateway = await startGateway({ engine, port: 0 });
    await expect(gateway.drain(2 ** 31)).rejects.toThrow(/ms: 2147483648 is not a time/);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    await engine.close();
  });

  test('reports why a model failed to load, in /readyz and in responses', async () => {
    await using context = await setUp({ loadError: 'model: x.gguf is broken; download it again' });
    await context.engine.ready().catch(() => undefined);
    expect(await ask(`${context.gateway.url}/readyz`)).toMatchObject({
      status: 503,
      body: expect.stringContaining('x.gguf is broken'),
    });
    const answer = await ask(`${context.gateway.url}/v1/chat/completions`, post(hello));
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { code: 'model-load-failed', message: expect.stringContaining('x.gguf is broken') },
    });
  });
});

describe('the page', () => {
  test('is served at /, with a Content-Security-Policy for its own gateway only', async () => {
    const page = await mkdtemp(join(tmpdir(), 'headway-page-'));
    await writeFile(join(page, 'index.html'), '<title>Headway</title>');
    {
      await using context = await setUp({}, { page });
      const { url } = context.gateway;
      const answer = await ask(`${url}/`);
      expect(answer).toMatchObject({ status: 200, body: '<title>Headway</title>' });
      expect(answer.headers['content-type']).toMatch(/^text\/html/);
      expect(answer.headers['content-security-policy']).toMatch(
        /default-src 'self';connect-src 'self'.*frame-ancestors 'none'/,
      );
      expect(answer.headers).not.toHaveProperty('strict-transport-security');
      // A link on another site may open the page; a frame or a script there may not.
      const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
      expect((await ask(`${url}/`, { headers: { ...navigation, 'sec-fetch-dest': 'document' } })).status).toBe(200);
      expect((await ask(`${url}/`, { headers: { ...navigation, 'sec-fetch-dest': 'iframe' } })).status).toBe(403);
      expect((await ask(`${url}/..%2f..%2fetc%2fpasswd`)).status).toBe(404);
      expect(JSON.parse((await ask(`${url}/nope.js`)).body)).toMatchObject({ error: { code: 'invalid-request' } });
      expect(await ask(`${url}/v1/chat/completions`)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    }
    await rm(page, { recursive: true });
  });

  test('is optional: without one, GET / is 404', async () => {
    await using context = await setUp();
    expect(await ask(`${context.gateway.url}/`)).toMatchObject({ status: 404 });
  });
});

describe('a gateway refuses foreign pages', () => {
  const evil: [string, Record<string, string>, string][] = [
    ['another origin', { origin: 'https://evil.example' }, 'Origin'],
    ['another port', { origin: 'http://127.0.0.1:1' }, 'Origin'],
    ['a file or a sandboxed frame', { origin: 'null' }, 'Origin'],
    ['DNS rebinding', { host: 'evil.example' }, 'Host'],
    ['DNS rebinding with a matching Origin', { host: 'evil.example', origin: 'http://evil.example' }, 'Host'],
    ['a cross-site request without an Origin', { 'sec-fetch-site': 'cross-site' }, 'Sec-Fetch-Site'],
    ['a same-site request without an Origin', { 'sec-fetch-site': 'same-site' }, 'Sec-Fetch-Site'],
  ];

  test.each(evil)('over HTTP: %s', async (_what, headers, header) => {
    await using context = await setUp(stalling);
    const { url } = context.gateway;
    for (const [path, init] of [
      ['/v1/chat/completions', post(hello, headers)],
      ['/v1/messages', post({ ...hello, max_tokens: 5 }, headers)],
      ['/v1/models', { headers }],
      ['/trpc/status', { headers }],
      ['/trpc/cancel', post({ id: 'x' }, headers)],
      ['/healthz', { headers }],
      ['/nothing', { headers }],
      ['/v1/chat/completions', { method: 'OPTIONS', headers: { ...headers, 'access-control-request-method': 'POST' } }],
    ] as const) {
      const answer = await ask(url + path, init);
      expect(answer.status).toBe(403);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      const { error } = JSON.parse(answer.body) as {
        error: {
          message: string;
          code: unknown;
          data?: { headway: { code: string } };
          details?: { error_code: string };
        };
      };
      expect(error.data?.headway.code ?? error.details?.error_code ?? error.code).toBe('forbidden');
      expect(error.message).toMatch(new RegExp(`^${header}: .*--allow-`));
    }
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  test.each(evil)('over WebSocket: %s', async (_what, headers, header) => {
    await using context = await setUp();
    const refusal = await upgrade(`${context.gateway.url}/trpc`, headers);
    expect(refusal).toMatch(/^403 /);
    expect(JSON.parse(refusal.slice(4))).toMatchObject({
      error: {
        message: expect.stringMatching(new RegExp(`^${header}: `)),
        data: { code: 'FORBIDDEN', headway: { code: 'forbidden' } },
      },
    });
  });

  test('but admits its own page, programs, and allowed origins and hosts', async () => {
    await using context = await setUp({}, { allowOrigins: ['https://app.example'], allowHosts: ['box.example'] });
    const { url } = context.gateway;
    const admitted: Record<string, string>[] = [
      {},
      { origin: url, 'sec-fetch-site': 'same-origin' },
      { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' },
      { host: 'box.example' },
    ];
    for (const headers of admitted) {
      expect(await upgrade(`${url}/trpc`, headers)).toBe('open');
      expect((await ask(`${url}/v1/models`, { headers })).status).toBe(200);
    }
    const preflight = await ask(`${url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(preflight).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-origin': 'https://app.example', 'access-control-allow-headers': 'content-type' },
    });
    const { headers } = await ask(`${url}/v1/models`, { headers: { origin: 'https://app.example' } });
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': expect.stringContaining('X-Generation-Id'),
    });
    expect((await ask(`${url}/v1/models`)).headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a GET starts no generation', () => {
  const input = encodeURIComponent(JSON.stringify({ prompt: 'x' }));
  const batch = encodeURIComponent(JSON.stringify({ 0: { prompt: 'x' } }));
  test.each([
    [`/trpc/generate?input=${input}`, 405],
    [`/trpc/%67enerate?input=${input}`, 405],
    [`/trpc/%2567enerate?input=${input}`, 405],
    [`/trpc/generate?batch=1&input=${batch}`, 405],
    [`/trpc/cancel?input=${encodeURIComponent('{"id":"x"}')}`, 405],
    [`/trpc/estimate?input=${input}`, 405],
    ['/v1/chat/completions', 405],
    ['/apply-template', 405],
    ['/tokenize', 405],
    ['/v1/detokenize', 405],
    ['/v1/messages', 405],
    ['/v1/messages/count_tokens', 405],
    ['/v1/generations?prompt=x', 200],
    ['/v1/generations/x', 404],
    ['/v1/generations/x/events', 404],
    ['/v1/generations/x/cancel', 404],
  ])('%s', async (path, status) => {
    await using context = await setUp(stalling);
    const answer = await ask(context.gateway.url + path, { headers: { accept: 'text/event-stream' } });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  test('and cancels none', async () => {
    await using context = await setUp(stalling);
    const { url } = context.gateway;
    expect((await ask(`${url}/v1/generations`, post({ prompt: 'x', id: 'runs' }))).status).toBe(202);
    await busy(context.engine, 1);
    for (const path of [
      '/v1/generations/runs?_method=DELETE',
      '/v1/generations/runs/cancel',
      `/trpc/cancel?input=${encodeURIComponent('{"id":"runs"}')}`,
      `/trpc/models,cancel?batch=1&input=${encodeURIComponent('{"1":{"id":"runs"}}')}`,
    ]) {
      await ask(url + path, { headers: { 'x-http-method-override': 'DELETE' } });
    }
    const { body } = await ask(`${url}/v1/generations/runs`);
    expect(JSON.parse(body)).toMatchObject({ state: 'decode', outcome: null });
  });

  test('and generate over HTTP names the right endpoints', async () => {
    await using context = await setUp();
    for (const method of ['GET', 'POST']) {
      const { body } = await ask(
        `${context.gateway.url}/trpc/generate?input=${input}`,
        method === 'GET' ? {} : post({ prompt: 'x' }),
      );
      expect(JSON.parse(body)).toMatchObject({
        error: { message: expect.stringContaining('WebSocket at /trpc'), data: { code: 'METHOD_NOT_SUPPORTED' } },
      });
    }
  });
});

describe('closing a gateway', () => {
  test("ends the gateway's generations with shutting-down, and no others of the engine", async () => {
    await using context = await setUp(stalling);
    const { engine, gateway } = context;
    const others = engine.generate({ prompt: "not the gateway's" });
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/trpc`);
    await new Promise((resolve) => socket.once('open', resolve));
    const frames: string[] = [];
    socket.on('message', (frame: Buffer) => frames.push(frame.toString()));
    const left = new Promise((resolve) => socket.once('close', resolve));
    socket.send(
      JSON.stringify({ id: 1, method: 'subscription', params: { path: 'generate', input: { prompt: 'x' } } }),
    );
    const streamed = ask(`${gateway.url}/v1/chat/completions`, post({ ...hello, stream: true }));
    const whole = ask(`${gateway.url}/v1/chat/completions`, post(hello));
    await busy(engine, 4);

    await Promise.all([gateway.close(), gateway.close()]);
    expect(await left).toBe(1001);
    expect(frames.some((frame) => frame.includes('"type":"error"') && frame.includes('"shutting-down"'))).toBe(true);
    expect((await streamed).body).toMatch(/"code":"shutting-down".*\n\n$/);
    expect(await whole).toMatchObject({ status: 503, body: expect.stringContaining('shutting-down') });
    await busy(engine, 1);
    expect(engine.cancel(others.id)).toBe(true);
    await expect(ask(`${gateway.url}/healthz`)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('does not wait for a client that does not answer the close frame', async () => {
    await using context = await setUp();
    const socket = new WebSocket(`${context.gateway.url.replace('http', 'ws')}/trpc`);
    await new Promise((resolve) => socket.once('open', resolve));
    socket.pause();
    await context.gateway.close();
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  test('leaves a gateway on the same port alone: the second start fails with EADDRINUSE', async () => {
    await using context = await setUp();
    const port = Number(new URL(context.gateway.url).port);
    await expect(startGateway({ engine: context.engine, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect((await ask(`${context.gateway.url}/healthz`)).status).toBe(200);
  });
});

test('a gateway refuses a WebSocket on another path, and ignores other upgrades', async () => {
  await using context = await setUp();
  expect(await upgrade(`${context.gateway.url}/socket`)).toMatch(/^404 .*\/trpc/);
  const answer = await ask(`${context.gateway.url}/v1/models`, { headers: { connection: 'upgrade', upgrade: 'h2c' } });
  expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('"object":"list"') });
  const handshake = await ask(`${context.gateway.url}/trpc`, {
    headers: { connection: 'upgrade', upgrade: 'websocket' },
  });
  expect(handshake).toMatchObject({ status: 400, body: expect.stringContaining('Sec-WebSocket-Key') });
});
