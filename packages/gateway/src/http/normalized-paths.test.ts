import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { createApiKey } from '../access/keys/api-key.ts';
import { faulty, openScriptedGateway, reading } from '../apis/openai/scripted-gateway.fixture.ts';
import { normalizePath } from './routes/normalize-path.ts';

const messages = [{ role: 'user', content: 'Hi' }];

test.each([
  ['/chat/completions', '/v1/chat/completions'],
  ['/v1/v1/messages?beta=true', '/v1/messages?beta=true'],
  ['/models/a%2Fb', '/v1/models/a%2Fb'],
  ['/messages/count_tokens?beta=true', '/v1/messages/count_tokens?beta=true'],
  ['/generations/g/events', '/v1/generations/g/events'],
  ['/responses/resp_1/input_items', '/v1/responses/resp_1/input_items'],
  ['/v1/models', '/v1/models'],
  ['/modelsheet.css', '/modelsheet.css'],
  ['/trpc/models', '/trpc/models'],
  ['/', '/'],
])('normalizePath turns %s into %s', (path, normalized) => {
  expect(normalizePath(path)).toBe(normalized);
});

describe('without /v1', () => {
  test.each<[string, object]>([
    ['/chat/completions', { messages }],
    ['/completions', { prompt: 'x' }],
    ['/responses', { input: 'x' }],
    ['/messages', { messages, max_tokens: 5 }],
    ['/messages/count_tokens', { messages }],
    ['/chat/completions/input_tokens', { messages }],
    ['/responses/input_tokens', { input: 'x' }],
    ['/v1/v1/messages', { messages, max_tokens: 5 }],
  ])('POST %s answers 200', async (path, body) => {
    await using context = await openScriptedGateway();
    expect((await context.post(path, body)).status).toBe(200);
  });

  test('POST /messages answers an error in the format of its API', async () => {
    await using context = await openScriptedGateway();
    expect(await (await context.post('/messages', { messages })).json()).toMatchObject({ type: 'error' });
  });

  test('GET /models lists the models, and an unknown path is 404', async () => {
    await using context = await openScriptedGateway();
    const get = async (path: string) => (await fetch(context.gateway.url + path)).json();
    expect(await get('/models')).toMatchObject({ object: 'list', data: [{ id: 'scripted' }] });
    expect(await get('/models/x')).toMatchObject({ error: { message: expect.stringContaining('scripted') } });
    expect(await get('/generations')).toEqual({ generations: [] });
    expect((await fetch(`${context.gateway.url}/completion`)).status).toBe(404);
  });
});

test('HEAD / answers 200 with and without a page, and GET /v1 lists the routes', async () => {
  const page = await mkdtemp(join(tmpdir(), 'page-'));
  await writeFile(join(page, 'index.html'), '<h1>Hi</h1>');
  for (const options of [{}, { page }]) {
    await using context = await openScriptedGateway({}, {}, options);
    expect((await fetch(context.gateway.url, { method: 'HEAD' })).status).toBe(200);
    expect(await (await fetch(`${context.gateway.url}/v1`)).json()).toMatchObject({
      name: 'headway',
      routes: expect.arrayContaining(['POST /v1/chat/completions']),
    });
  }
});

test('/health has llama.cpp’s format and needs no key', async () => {
  await using up = await openScriptedGateway({}, {}, { apiKeys: [createApiKey()] });
  await up.engine.ready();
  expect(await (await fetch(`${up.gateway.url}/health`)).json()).toEqual({ status: 'ok' });
  expect((await fetch(`${up.gateway.url}/props`)).status).toBe(401);
  await up.gateway.drain(0);
  const response = await fetch(`${up.gateway.url}/health`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    error: { code: 503, message: 'the gateway is shutting down', type: 'unavailable_error' },
  });
});

describe('/props and /slots', () => {
  const [mine, theirs] = [createApiKey(), createApiKey()];
  const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

  test('/props describes the default model', async () => {
    await using context = await openScriptedGateway({ contextSize: 512 }, { parallel: 2 });
    await context.engine.ready();
    expect(await (await fetch(`${context.gateway.url}/props`)).json()).toMatchObject({
      default_generation_settings: { n_ctx: 512, params: { temperature: 0.7, top_k: 40 } },
      total_slots: 2,
      model_alias: 'scripted',
      modalities: { vision: false, audio: false },
    });
  });

  test('/slots shows a busy slot only to the owner of its request', async () => {
    const options = { apiKeys: [mine, theirs] };
    await using context = await openScriptedGateway(faulty('decode', 'stall'), { parallel: 2 }, options);
    const hangUp = new AbortController();
    const response = await context.chat({ stream: true }, { ...as(mine), signal: hangUp.signal });
    await reading(response).until(/"one"/);
    const slots = async (key: string) => (await fetch(`${context.gateway.url}/slots`, as(key))).json();
    expect(await slots(mine)).toMatchObject([
      { id: 0, is_processing: true, n_prompt_tokens: 4, next_token: [{ n_decoded: 1 }] },
      { id: 1, is_processing: false },
    ]);
    expect(await slots(theirs)).toMatchObject([{ is_processing: false }, { is_processing: false }]);
    hangUp.abort();
  });
});
