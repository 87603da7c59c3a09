import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../openai/scripted-gateway.fixture.ts';

const messages = [{ role: 'user', content: 'one two three' }];
const url = '/v1/messages/count_tokens';

describe('POST /v1/messages/count_tokens', () => {
  test('counts the prompt’s tokens with its template and starts no generation', async () => {
    await using context = await openScriptedGateway();
    const response = await context.post(url, { model: 'default', messages, system: 'Be brief.' });
    expect(response.status).toBe(200);
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(await response.json()).toEqual({ input_tokens: 7 });
    const answer = await context.post('/v1/messages', {
      model: 'default',
      messages,
      system: 'Be brief.',
      max_tokens: 1,
    });
    expect(await answer.json()).toMatchObject({ usage: { input_tokens: 7 } });
    const { generations } = (await (await fetch(`${context.gateway.url}/v1/generations`)).json()) as {
      generations: object[];
    };
    expect(generations).toHaveLength(1);
  });

  test('counts prompts that are longer than the context', async () => {
    await using context = await openScriptedGateway({ contextSize: 16 });
    const response = await context.post(url, { messages: [{ role: 'user', content: 'word '.repeat(99).trim() }] });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ input_tokens: 100 });
  });

  test.each([
    ['an invalid field', { messages: 'Hi' }, 400, /^messages: /],
    [
      'two tools of the same name',
      { messages, tools: [1, 2].map(() => ({ name: 'f', input_schema: {} })) },
      400,
      /^tools\[1\]\.name: /,
    ],
    ['an unknown model', { model: 'claude-x', messages }, 404, /^model: /],
  ])('refuses %s as /v1/messages does', async (_what, body, status, message) => {
    await using context = await openScriptedGateway();
    const response = await context.post(url, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: 'error', error: { message: expect.stringMatching(message) } });
  });
});
