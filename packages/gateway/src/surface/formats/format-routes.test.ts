import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../../apis/openai/scripted-gateway.fixture.ts';

interface Refusal {
  error: { code: string; message: string; param: string };
}

describe('a refusal names the field that the client sent', () => {
  test.each<[string, object, string, RegExp]>([
    [
      'a grammar with a mistake',
      { grammar: 'root ::= yes' },
      'grammar',
      /^grammar: line 1, in rule root: there is no rule yes/,
    ],
    ['an unknown rule with a field’s name', { grammar: 'root ::= maxTokens' }, 'grammar', /no rule maxTokens/],
    ['a regex that cannot become a grammar', { guided_regex: '\\bx' }, 'guided_regex', /cannot become a grammar/],
    ['a schema that no value fits', { guided_json: { enum: [1], type: 'string' } }, 'guided_json', /no value fits/],
    [
      'a strict schema, without its wrapper',
      { response_format: { type: 'json_schema', schema: { type: 'array', uniqueItems: true }, strict: true } },
      'response_format.schema.uniqueItems',
      /a grammar cannot enforce this; remove it, or strict/,
    ],
    ['stop strings beside a choice', { guided_choice: ['a'], stop: ['b'] }, 'stop', /guided_choice requires/],
    ['two formats', { grammar: 'root ::= "a"', guided_choice: ['a'] }, 'guided_choice', /than grammar/],
    ['two limits', { n_predict: 4, max_tokens: 5 }, 'n_predict', /^n_predict: differs from max_tokens/],
    ['a sampler', { mirostat: 2 }, 'mirostat', /not supported/],
  ])('%s', async (_name, body, param, message) => {
    await using context = await openScriptedGateway();
    for (const [path, prompt] of [
      ['/v1/chat/completions', { messages: [{ role: 'user', content: 'x' }] }],
      ['/v1/completions', { prompt: 'x' }],
    ] as const) {
      const response = await context.post(path, { ...prompt, ...body });
      const { error } = (await response.json()) as Refusal;
      expect([response.status, error.param]).toEqual([400, param]);
      expect(error.message).toMatch(message);
    }
  });
});

test('the header x-headway-left-out names the schema keyword by the request’s own field', async () => {
  await using context = await openScriptedGateway();
  const guided_json = { type: 'object', properties: { tags: { type: 'array', uniqueItems: true } } };
  const response = await context.chat({ guided_json });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-headway-left-out')).toBe('["guided_json.properties.tags.uniqueItems"]');
});

test('cache_prompt false reads the whole prompt again', async () => {
  await using context = await openScriptedGateway();
  const cachedOf = async (body: object) => {
    const response = await context.post('/v1/completions', { prompt: 'one two three four', ...body });
    const { usage } = (await response.json()) as { usage: { prompt_tokens_details: { cached_tokens: number } } };
    return usage.prompt_tokens_details.cached_tokens;
  };
  await cachedOf({});
  expect(await cachedOf({})).toBeGreaterThan(0);
  expect(await cachedOf({ cache_prompt: false })).toBe(0);
  expect(await cachedOf({ cache_prompt: true })).toBeGreaterThan(0);
});

test.each([
  ['/v1/responses', { input: 'x' }],
  ['/v1/messages', { max_tokens: 5, messages: [{ role: 'user', content: 'x' }] }],
])('%s accepts repetition_penalty as an alias, and refuses n_predict', async (path, prompt) => {
  await using context = await openScriptedGateway();
  const refusal = async (body: object) => {
    const { status } = await context.post(path, { ...prompt, ...body });
    return status;
  };
  expect(await refusal({ repetition_penalty: 1.1 })).toBe(200);
  expect(await refusal({ repetition_penalty: 1.1, repeat_penalty: 1.2 })).toBe(400);
  expect(await refusal({ repetition_penalty: 1.1, repeat_last_n: 128 })).toBe(400);
  expect(await refusal({ n_predict: 3 })).toBe(400);
  expect(await refusal({ n_predict: -1 })).toBe(200);
});
