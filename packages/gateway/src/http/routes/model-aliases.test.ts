import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../../apis/openai/scripted-gateway.fixture.ts';
import { readAliases, resolveAlias } from './model-aliases.ts';

test.each([
  ['scripted', ['*'], 'scripted'],
  ['gpt-4o', ['gpt-4o'], 'default'],
  ['gpt-4o', ['*'], 'default'],
  ['gpt-4o', ['gpt'], 'gpt-4o'],
  ['default', [], 'default'],
])('resolveAlias resolves %s with the aliases %j to %s', (name, aliases, asked) => {
  expect(resolveAlias(name, { aliases: readAliases(aliases), ids: new Set(['scripted']) })).toBe(asked);
});

test.each([
  ['fast', 'small'],
  ['constructor', 'large'],
  ['large', 'large'],
  ['default', 'default'],
])('an alias of a model by its id: %s is %s', (name, asked) => {
  const options = { aliases: { fast: 'small', '*': 'large' }, ids: new Set(['small', 'large']) };
  expect(resolveAlias(name, options)).toBe(asked);
});

const messages = [{ role: 'user', content: 'Hi' }];
const requests: [string, object][] = [
  ['/v1/chat/completions', { messages }],
  ['/v1/completions', { prompt: 'x' }],
  ['/v1/responses', { input: 'x' }],
  ['/v1/messages', { messages, max_tokens: 5 }],
  ['/v1/messages/count_tokens', { messages }],
  ['/v1/generations', { prompt: 'x' }],
  ['/apply-template', { messages }],
  ['/tokenize', { content: 'x' }],
];

describe.each(requests)('POST %s', (path, body) => {
  test.each([['claude-x'], ['*']])('accepts a model name with the alias %s', async (alias) => {
    await using context = await openScriptedGateway({}, {}, { aliases: [alias] });
    const response = await context.post(path, { ...body, model: 'claude-x' });
    expect(response.ok).toBe(true);
  });

  test('answers an unknown model name with 404 and the list of models', async () => {
    await using context = await openScriptedGateway({}, {}, { aliases: ['claude-x'] });
    const response = await context.post(path, { ...body, model: 'gpt-4o' });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('there is no \\"gpt-4o\\"; choose one of: scripted');
  });
});

test('GET /v1/models lists each alias as a model', async () => {
  await using context = await openScriptedGateway({}, {}, { aliases: ['gpt-4o', '*', 'scripted', 'gpt-4o'] });
  const get = async (path: string) => (await fetch(context.gateway.url + path)).json();
  expect(await get('/v1/models')).toMatchObject({ data: [{ id: 'scripted' }, { id: 'gpt-4o' }] });
  expect(await get('/v1/models/anything')).toMatchObject({ id: 'anything' });
});
