import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../../apis/openai/scripted-gateway.fixture.ts';

const asAnthropic = { headers: { 'anthropic-version': '2023-06-01' } };

async function ask(path: string, init?: RequestInit) {
  await using context = await openScriptedGateway({ modelId: 'a b/c', contextSize: 512 });
  const response = await fetch(context.gateway.url + path, init);
  return { status: response.status, body: (await response.json()) as object };
}

const openAiModel = {
  id: 'a b/c',
  object: 'model',
  created: expect.any(Number),
  owned_by: 'headway',
  state: 'ready',
};

describe('GET /v1/models', () => {
  test("has OpenAI's list format", async () => {
    expect(await ask('/v1/models')).toEqual({ status: 200, body: { object: 'list', data: [openAiModel] } });
  });

  test("has Anthropic's list format for its clients", async () => {
    expect(await ask('/v1/models', asAnthropic)).toMatchObject({
      status: 200,
      body: { data: [{ type: 'model', id: 'a b/c', max_tokens: 512 }], has_more: false, last_id: 'a b/c' },
    });
  });

  test.each(['/v1/models/a%20b%2Fc', '/v1/models/default'])('describes one model at %s', async (path) => {
    expect(await ask(path)).toEqual({ status: 200, body: openAiModel });
    expect(await ask(path, asAnthropic)).toMatchObject({ body: { type: 'model', id: 'a b/c' } });
  });
});

test('GET of an unknown model is 404 in the format of its API, and lists the models', async () => {
  const message = 'model: there is no "x"; choose one of: a b/c';
  expect(await ask('/v1/models/x')).toMatchObject({
    status: 404,
    body: { error: { type: 'not_found_error', param: 'model', message } },
  });
  expect(await ask('/v1/models/x', asAnthropic)).toMatchObject({
    status: 404,
    body: { type: 'error', error: { type: 'not_found_error', message } },
  });
});

test('DELETE of a model is 405', async () => {
  expect(await ask('/v1/models/x', { method: 'DELETE' })).toMatchObject({
    status: 405,
    body: { error: { message: '/v1/models/x takes GET, not DELETE' } },
  });
});
