import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../apis/openai/scripted-gateway.fixture.ts';

const long = 'word '.repeat(99).trim();
const input_tokens = 100;

describe.each([
  ['/v1/chat/completions/input_tokens', (content: string) => ({ messages: [{ role: 'user', content }] })],
  ['/v1/responses/input_tokens', (content: string) => ({ input: content })],
] as const)('POST %s', (url, bodyOf) => {
  test('counts as many tokens as the answer to the same prompt reports, and starts no generation', async () => {
    await using context = await openScriptedGateway({ contextSize: 16 });
    const counted = await context.post(url, bodyOf('one two three'));
    expect(await counted.json()).toEqual({ object: 'response.input_tokens', input_tokens: 4 });
    const generations = await (await fetch(`${context.gateway.url}/v1/generations`)).json();
    expect(generations).toEqual({ generations: [] });
    const answered = await context.post(url.replace('/input_tokens', ''), {
      ...bodyOf('one two three'),
      max_tokens: 1,
    });
    const { usage } = (await answered.json()) as { usage: { prompt_tokens?: number; input_tokens?: number } };
    expect(usage.prompt_tokens ?? usage.input_tokens).toBe(4);
  });

  test('counts prompts that are longer than the context', async () => {
    await using context = await openScriptedGateway({ contextSize: 16 });
    expect(await (await context.post(url, bodyOf(long))).json()).toMatchObject({ input_tokens });
  });

  test('refuses the requests that a generation refuses', async () => {
    await using context = await openScriptedGateway();
    const refused = await context.post(url, { ...bodyOf('Hi'), tools: [1, 2].map(() => tool) });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { param: expect.stringMatching(/^tools\[1\]\./) } });
  });
});

const tool = { type: 'function', name: 'f', function: { name: 'f' } };

test('input_tokens counts the conversation of previous_response_id, too', async () => {
  await using context = await openScriptedGateway({ script: { reply: 'Well.' } });
  const { id } = (await (await context.post('/v1/responses', { input: 'one two' })).json()) as { id: string };
  const count = async (body: object) => (await context.post('/v1/responses/input_tokens', body)).json();
  const whole = await count({
    input: [
      { role: 'user', content: 'one two' },
      { role: 'assistant', content: 'Well.' },
      { role: 'user', content: 'three' },
    ],
  });
  expect(await count({ input: 'three', previous_response_id: id })).toEqual(whole);
  expect(await count({ input: 'three', previous_response_id: 'resp_x' })).toMatchObject({
    error: { code: 'previous_response_not_found' },
  });
});

test.each([
  [
    '/v1/chat/completions/input_tokens',
    { messages: [{ role: 'user', content: 'x' }], chat_template: 'x' },
    'chat_template',
  ],
  ['/apply-template', { messages: [{ role: 'user', content: 'x' }], chat_template: 'x' }, 'chat_template'],
  [
    '/v1/chat/completions/input_tokens',
    { messages: [{ role: 'user', content: 'x' }], guided_json: { enum: [1], type: 'string' } },
    'guided_json',
  ],
  ['/v1/messages/count_tokens', { messages: [{ role: 'user', content: 'x' }], grammar: 'root ::= "a"' }, 'grammar'],
])('%s names the field when it refuses %o', async (path, body, field) => {
  await using context = await openScriptedGateway();
  const answer = await context.post(path, body);
  expect(answer.status).toBe(400);
  expect(((await answer.json()) as { error: { message: string } }).error.message).toMatch(new RegExp(`^${field}[:.]`));
});
