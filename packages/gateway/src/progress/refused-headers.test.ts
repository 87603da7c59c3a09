import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../apis/openai/scripted-gateway.fixture.ts';

const messages = [{ role: 'user', content: 'x' }];

describe.each([
  ['/v1/chat/completions', { messages }],
  ['/v1/completions', { prompt: 'x' }],
  ['/v1/responses', { input: 'x' }],
  ['/v1/messages', { messages, max_tokens: 5 }],
])('POST %s', (path, body) => {
  test.each(['X-Headway-Progress', 'X-Headway-Heartbeat'])(
    'refuses an unknown value of %s before it runs',
    async (name) => {
      await using context = await openScriptedGateway({ script: { reply: 'Hi' } });
      for (const stream of [true, false]) {
        const response = await context.post(path, { ...body, stream }, { headers: { [name]: 'loud' } });
        expect(response.status).toBe(400);
        expect(response.headers.get('x-generation-id')).toBeNull();
        expect(await response.json()).toMatchObject({
          error: { type: 'invalid_request_error', message: expect.stringMatching(`^${name}: must be `) },
        });
      }
    },
  );
});

test('an unstreamed answer ignores known progress and heartbeat headers', async () => {
  await using context = await openScriptedGateway({ script: { reply: 'Hi' } });
  const headers = {
    'X-Headway-Progress': 'named',
    'X-SwiftLM-Prefill-Progress': '1',
    'X-Headway-Heartbeat': 'data',
  };
  const response = await context.chat({ return_progress: true }, { headers });
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hi' } }] });
});
