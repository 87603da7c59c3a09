import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../../apis/openai/scripted-gateway.fixture.ts';

const asAnthropic = { headers: { 'anthropic-version': '2023-06-01' } };

async function ask(path: string, init?: RequestInit) {
  await using context = await openScriptedGateway({ modelId: 'a b/c', contextSize: 512 });
  const response = await fetch(context.gateway.url + path, init);
  return { status: response.status, body: (await response.json()) as object };
}

const openAiModel = { id: 'a b/c', object: 'model', created: expect.any(Number), owned_by: 'headway' };

describe('models', () => {
  test("in OpenAI's list", async () => {
    expect(await ask('/v1/models')).toEqual({ status: 200, body: { object: 'list', data: [openAiModel] } });
  });

  test("in Anthropic's, for its clients", async () => {
    expect(await ask('/v1/models', asAnthropic)).toMatchObject({
      status: 200,
      body: { data: [{ type: 'model', id: 'a b/c', max_tokens: 512 }], has_more: false, last_id: 'a b/c' },
    });
  });

  test.each(['/v1/models/a%20b%2Fc', '/v1/models/default'])('%s is one of them', async (path) => {
    expect(await ask(path)).toEqual({ status: 200, body: openAiModel });
    expect(await ask(path, asAnthropic)).toMatchObject({ body: { type: 'model', id: 'a b/c' } });
  });
});

test('one that is not there is refused in the words of the API that was asked, and says which are', async () => {
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

test('one takes no other method', async () => {
  expect(await ask('/v1/models/x', { method: 'DELETE' })).toMatchObject({
    status: 405,
    body: { error: { message: '/v1/models/x takes GET, not DELETE' } },
  });
});
