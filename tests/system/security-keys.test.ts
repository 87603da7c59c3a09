import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Anthropic from '@anthropic-ai/sdk';
import { createEngine, createVirtualClock, scripted } from '@headway/engine';
import { createApiKey, startGateway, type AppRouter } from '@headway/gateway';
import { createTRPCClient, createWSClient, TRPCClientError, wsLink } from '@trpc/client';
import OpenAI from 'openai';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { startGuarded } from './guarded-gateway.ts';
import { ask, bearer, errorCodeOf, knock, post, Wire } from './wire.ts';

const hello = { messages: [{ role: 'user', content: 'hello' }] };

/** All routes except the page's files. */
const behindTheKey: [string, Parameters<typeof ask>[1]][] = [
  ['/v1/models', {}],
  ['/v1/models', { method: 'HEAD' }],
  ['/v1/models/', {}],
  ['//v1/models', {}],
  ['/v1/chat/completions', post(hello)],
  ['/v1/responses', post({ input: 'hello' })],
  ['/v1/messages', post({ ...hello, max_tokens: 5 })],
  ['/v1/messages/count_tokens', post(hello)],
  ['/v1/messages/batches', {}],
  ['/apply-template', post(hello)],
  ['/v1/apply-template', post(hello)],
  ['/tokenize', post({ content: 'hello' })],
  ['/v1/tokenize', post({ content: 'hello' })],
  ['/detokenize', post({ tokens: [1] })],
  ['/v1/detokenize', post({ tokens: [1] })],
  ['/v1/generations', {}],
  ['/v1/generations', post({ prompt: 'x' })],
  ['/v1/generations/x', {}],
  ['/v1/generations/x/events', {}],
  ['/v1/generations/x', { method: 'DELETE' }],
  ['/trpc/status', {}],
  ['/trpc/models', post({})],
  ['/trpc/status,models?batch=1&input=%7B%7D', {}],
  ['/trpc/cancel', post({ id: 'x' })],
  ['/trpc/estimate', post({ prompt: 'x' })],
  ['/metrics', {}],
  ['/nothing', {}],
  ['/healthz/../v1/models', {}],
  ['/healthz%2f..%2fv1/models', {}],
];

describe('without a key', () => {
  test.each(behindTheKey)('%s answers unauthorized and starts nothing', async (path, init) => {
    await using guarded = await startGuarded();
    const answer = await ask(guarded.url + path, init);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.body === '' ? 'unauthorized' : errorCodeOf(answer.body)).toBe('unauthorized');
    expect(await guarded.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  test('the page and the health routes answer', async () => {
    const page = await mkdtemp(join(tmpdir(), 'headway-page-'));
    await using guarded = await startGuarded({ page });
    for (const path of ['/healthz', '/readyz']) expect((await ask(guarded.url + path)).status).toBe(200);
    for (const path of ['/', '/index.html', '/v1/nothing']) expect((await ask(guarded.url + path)).status).toBe(404);
    for (const [path, init] of behindTheKey.filter(([, one]) => one?.method === 'POST'))
      expect((await ask(guarded.url + path, init)).status).toBe(401);
    expect((await ask(`${guarded.url}/v1/models`)).status).toBe(401);
    await rm(page, { recursive: true });
  });

  test('a socket opens, and each procedure answers unauthorized', async () => {
    await using guarded = await startGuarded();
    await using wire = await Wire.open(guarded.url);
    const calls = [
      wire.call('subscription', 'generate', { prompt: 'x' }),
      wire.call('mutation', 'cancel', { id: 'x' }),
      wire.call('mutation', 'estimate', { prompt: 'x' }),
      wire.call('query', 'models'),
      wire.call('query', 'status'),
    ];
    for (const id of calls) expect(await wire.refusal(id)).toBe('unauthorized');
    expect(wire.socket.readyState).toBe(WebSocket.OPEN);
    expect(await guarded.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });

  test('a plain tRPC client gets the error once, and does not reconnect', async () => {
    await using guarded = await startGuarded();
    let opened = 0;
    const socket = createWSClient({
      url: `${guarded.url.replace('http', 'ws')}/trpc`,
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
      connectionParams: { apiKey: createApiKey() },
      onOpen: () => opened++,
    });
    const trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] });
    const heard: unknown[] = [];
    await new Promise<void>((resolve) => {
      const onError = (thrown: unknown) => {
        heard.push(thrown instanceof TRPCClientError && thrown.data);
        resolve();
      };
      trpc.generate.subscribe({ prompt: 'x' }, { onError });
    });
    expect(heard).toEqual([expect.objectContaining({ headway: { code: 'unauthorized', retryable: false } })]);
    await expect(trpc.models.query()).rejects.toThrow(/API key/);
    expect(opened).toBe(1);
    await socket.close();
  });
});

const wrongKeys = (right: string): [string, string][] => [
  ['another', createApiKey()],
  ['nearly right', `${right.slice(0, -1)}${right.endsWith('A') ? 'B' : 'A'}`],
  ['cut short', right.slice(0, -1)],
  ['in upper case', right.toUpperCase()],
  ['a pattern', '.*'],
  ['the prefix alone', 'headway_'],
];

describe('with a wrong key', () => {
  test('HTTP, the upgrade and the first message of a socket are refused', async () => {
    await using guarded = await startGuarded();
    for (const [, key] of wrongKeys(guarded.mine)) {
      for (const headers of [bearer(key), { 'x-api-key': key }]) {
        expect((await ask(`${guarded.url}/v1/models`, { headers })).status).toBe(401);
        const refusal = await knock(`${guarded.url}/trpc`, headers);
        expect(refusal).toMatch(/^401 /);
        expect(errorCodeOf(refusal.slice(4))).toBe('unauthorized');
        expect(refusal).not.toContain(key);
      }
      await using wire = await Wire.open(guarded.url, { connectionParams: { apiKey: key } });
      expect(await wire.refusal(wire.call('query', 'models'))).toBe('unauthorized');
    }
  });

  test.each<[string, Record<string, string>]>([
    ['Basic', { authorization: `Basic ${Buffer.from('user:pass').toString('base64')}` }],
    ['no scheme', { authorization: 'KEY' }],
    ['a cookie', { cookie: 'apiKey=KEY; api_key=KEY; authorization=Bearer KEY' }],
    ['a protocol of the socket', { 'sec-websocket-protocol': 'KEY' }],
    ['forwarded', { 'x-forwarded-authorization': 'Bearer KEY', forwarded: 'for=127.0.0.1' }],
  ])('a valid key in the wrong place is refused: %s', async (_what, headers) => {
    await using guarded = await startGuarded();
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replaceAll('KEY', guarded.mine)]),
    );
    expect((await ask(`${guarded.url}/v1/models`, { headers: filled })).status).toBe(401);
  });
});

describe('with a key', () => {
  test('every surface accepts it', async () => {
    await using guarded = await startGuarded();
    const { url, mine } = guarded;
    const roads: Record<string, string>[] = [
      bearer(mine),
      { 'x-api-key': mine },
      { authorization: 'Basic eDp5', 'x-api-key': mine },
    ];
    for (const headers of roads) {
      expect((await ask(`${url}/v1/models`, { headers })).status).toBe(200);
      expect((await ask(`${url}/trpc/status`, { headers })).status).toBe(200);
      await using wire = await Wire.open(url, { headers });
      expect(await wire.refusal(wire.call('query', 'models'))).toBeNull();
    }
    await using wire = await Wire.open(url, { connectionParams: { apiKey: mine } });
    expect(await wire.refusal(wire.call('query', 'models'))).toBeNull();
    const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: mine });
    const answer = await openai.chat.completions.create({
      model: 'default',
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(answer.choices[0]?.message.content).toBe('one two three');
    for (const key of [{ apiKey: mine }, { apiKey: null, authToken: mine }]) {
      const anthropic = new Anthropic({ baseURL: url, ...key });
      expect(
        await anthropic.messages.create({
          model: 'default',
          max_tokens: 5,
          messages: [{ role: 'user', content: 'hi' }],
        }),
      ).toMatchObject({
        content: [{ text: 'one two three' }],
      });
    }
  });

  test('every surface refuses it in the URL, and says where to send it', async () => {
    await using guarded = await startGuarded();
    const { url, mine } = guarded;
    const params = encodeURIComponent(JSON.stringify({ apiKey: mine }));
    for (const path of [
      `/v1/models?api_key=${mine}`,
      `/v1/models?key=${mine}`,
      `/trpc/status?connectionParams=${params}`,
      `/healthz?token=${mine}`,
      `/trpc/status?%61pikey=${mine}`,
    ]) {
      for (const headers of [{}, bearer(mine)]) {
        const answer = await ask(url + path, { headers });
        expect(answer.status).toBe(400);
        expect(answer.body).toMatch(/API key in its query.*Authorization: Bearer/);
        expect(answer.body).not.toContain(mine);
      }
    }
    for (const query of [`?api_key=${mine}`, `?connectionParams=${params}`]) {
      const refusal = await knock(`${url}/trpc${query}`);
      expect(refusal).toMatch(/^400 .*API key in its query/);
      expect(refusal).not.toContain(mine);
    }
  });

  test('no log contains it, wherever it was sent', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
    const wrong = createApiKey();
    await using guarded = await startGuarded({ logger });
    const { url, mine } = guarded;
    for (const key of [mine, wrong]) {
      await ask(`${url}/v1/chat/completions`, post(hello, bearer(key)));
      await ask(`${url}/v1/models`, { headers: { 'x-api-key': key } });
      await ask(`${url}/v1/messages`, post({ ...hello, max_tokens: 5 }, { 'x-api-key': key }));
      await ask(`${url}/v1/models?api_key=${key}`);
      await ask(`${url}/trpc/cancel`, post({ id: key, apiKey: key }, bearer(key)));
      await knock(`${url}/trpc`, bearer(key));
      await using wire = await Wire.open(url, { connectionParams: { apiKey: key } });
      await wire.refusal(wire.call('query', 'models', { apiKey: key }));
      await wire.refusal(wire.call('subscription', 'generate', { prompt: 'x', apiKey: key }));
    }
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter((line) => line.includes(mine) || line.includes(wrong))).toEqual([]);
  });
});

describe('a gateway that other machines reach', () => {
  const engine = () => createEngine({ backend: scripted({ clock: createVirtualClock({ auto: true }) }) });

  test.each<[string, object, RegExp]>([
    ['without keys', { host: '0.0.0.0' }, /--host 0\.0\.0\.0 lets other machines in.*--api-key-file.*--no-auth/],
    ['without keys, on IPv6', { host: '::' }, /--host :: lets other machines in/],
    ['without keys, by a name', { host: 'box.example' }, /--host box\.example lets other machines in/],
    ['with a key that can be guessed', { host: '0.0.0.0', apiKeys: ['secret'] }, /API key has 6 characters/],
    ['with keys and noAuth', { apiKeys: [createApiKey()], noAuth: true }, /contradict each other/],
    ['with a missing key file', { apiKeyFile: '/nowhere/keys' }, /\/nowhere\/keys: the file does not exist/],
  ])('%s does not start', async (_what, options, why) => {
    await using lent = await engine();
    await expect(startGateway({ engine: lent, port: 0, ...options })).rejects.toThrow(why);
  });

  test('with keys starts, and needs one', async () => {
    await using guarded = await startGuarded({ host: '0.0.0.0' });
    expect((await ask(`${guarded.url}/v1/models`)).status).toBe(401);
    expect((await ask(`${guarded.url}/v1/models`, { headers: bearer(guarded.mine) })).status).toBe(200);
  });
});
