import { describe, expect, test } from 'vitest';

import { openScriptedGateway } from '../scripted-gateway.fixture.ts';

const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi' },
];

describe.each(['', '/v1'])('below "%s"', (root) => {
  test('/apply-template renders a conversation', async () => {
    await using context = await openScriptedGateway();
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const body = { messages, tools, chat_template_kwargs: { enable_thinking: false } };
    const response = await context.post(`${root}/apply-template`, body);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ prompt: 'system: Be brief.\nuser: Hi' });
  });

  test('/detokenize reverses /tokenize', async () => {
    await using context = await openScriptedGateway();
    const tokenized = await context.post(`${root}/tokenize`, { content: 'Hü', model: 'scripted' });
    expect(await tokenized.json()).toEqual({ tokens: [72, 195, 188] });
    const detokenized = await context.post(`${root}/detokenize`, { tokens: [72, 195, 188] });
    expect(await detokenized.json()).toEqual({ content: 'Hü' });
  });

  test('/tokenize returns bytes for tokens that are parts of a character', async () => {
    await using context = await openScriptedGateway();
    const response = await context.post(`${root}/tokenize`, { content: 'Hü', with_pieces: true });
    expect(await response.json()).toEqual({
      tokens: [
        { id: 72, piece: 'H' },
        { id: 195, piece: [195] },
        { id: 188, piece: [188] },
      ],
    });
  });

  test('an empty text has no tokens, and no tokens are an empty text', async () => {
    await using context = await openScriptedGateway();
    expect(await (await context.post(`${root}/tokenize`, { content: '' })).json()).toEqual({ tokens: [] });
    expect(await (await context.post(`${root}/detokenize`, { tokens: [] })).json()).toEqual({ content: '' });
  });

  test.each<[path: string, body: object, status: number, param: string]>([
    ['/apply-template', {}, 400, 'messages'],
    ['/apply-template', { messages: [{ role: 'user', content: 5 }] }, 400, 'messages[0].content'],
    ['/apply-template', { messages, chat_template_kwargs: 'x' }, 400, 'chat_template_kwargs'],
    ['/apply-template', { messages, chat_template_kwargs: { tools: [] } }, 400, 'chat_template_kwargs.tools'],
    ['/apply-template', { messages, model: 'gpt-x' }, 404, 'model'],
    [
      '/apply-template',
      { messages, add_generation_prompt: true, continue_final_message: true },
      400,
      'continue_final_message',
    ],
    ['/apply-template', { messages, add_generation_prompt: 'no' }, 400, 'add_generation_prompt'],
    ['/tokenize', {}, 400, 'content'],
    ['/tokenize', { content: 5 }, 400, 'content'],
    ['/tokenize', { content: 'x', add_special: 'no' }, 400, 'add_special'],
    ['/tokenize', { content: 'x', parse_special: 1 }, 400, 'parse_special'],
    ['/tokenize', { content: 'x', with_pieces: 'yes' }, 400, 'with_pieces'],
    ['/tokenize', { content: 'x', model: 5 }, 400, 'model'],
    ['/tokenize', { content: 'x', model: 'gpt-x' }, 404, 'model'],
    ['/detokenize', {}, 400, 'tokens'],
    ['/detokenize', { tokens: 'x' }, 400, 'tokens'],
    ['/detokenize', { tokens: [1, 2.5] }, 400, 'tokens[1]'],
    ['/detokenize', { tokens: [1, -1] }, 400, 'tokens[1]'],
    ['/detokenize', { tokens: [72, 105, 256] }, 400, 'tokens[2]'],
    ['/detokenize', { tokens: Array(1_000_001).fill(1) }, 400, 'tokens'],
    ['/detokenize', { tokens: [1], model: 'gpt-x' }, 404, 'model'],
  ])('%s refuses an invalid request by the name of its field', async (path, body, status, param) => {
    await using context = await openScriptedGateway();
    const response = await context.post(root + path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { param, message: expect.stringMatching(`^${param.replace(/[[\].]/g, '\\$&')}: `) },
    });
  });
});
