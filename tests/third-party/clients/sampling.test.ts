import OpenAI from 'openai';
import { expect, test } from 'vitest';

import { shareGateway } from './shared-gateway.ts';

const shared = shareGateway();
const connect = () => new OpenAI({ baseURL: shared.gateway.baseURL, apiKey: 'none', maxRetries: 0 });

const model = 'storyteller';
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Tell me a story about a fox.' }];

const chat = async (rest: object) => {
  const { choices } = await connect().chat.completions.create({
    model,
    messages,
    temperature: 0,
    max_tokens: 60,
    ...rest,
  });
  return choices[0]?.message.content ?? '';
};
const complete = async (rest: object) => {
  const prompt = 'The fox and the owl sat by the river. The fox';
  const asked = { model, prompt, temperature: 0, max_tokens: 60, ...rest };
  return (await connect().completions.create(asked)).choices[0]?.text ?? '';
};
const respond = async (rest: object) => {
  const asked = { model, input: 'Tell me a story about a fox.', temperature: 0, max_output_tokens: 60, ...rest };
  return (await connect().responses.create(asked)).output_text;
};

test.each([
  ['chats', chat],
  ['completions', complete],
  ['responses', respond],
])('penalties and logit biases reach the model through %s', async (_, write) => {
  const plain = await write({ ignore_eos: true });
  const [first] = await shared.gateway.engine.tokenize({ text: plain });
  const id = first?.id ?? -1;
  const others = [
    { presence_penalty: 2 },
    { frequency_penalty: 2 },
    { repeat_penalty: 1.5 },
    { logit_bias: { [id]: -100 } },
  ];
  for (const other of others) expect(await write({ ...other, ignore_eos: true })).not.toBe(plain);
  expect(await write({ ignore_eos: true, presence_penalty: 0, frequency_penalty: 0, logit_bias: {} })).toBe(plain);
  expect(await write({ logit_bias: [[id, false]] })).toBe(await write({ logit_bias: { [id]: -100 } }));
});

test('a logit bias of an unknown token is refused with its field', async () => {
  const refused = { status: 400, param: 'logit_bias.99999999', code: 'invalid-request' };
  await expect(chat({ logit_bias: { 99_999_999: 1 } })).rejects.toMatchObject(refused);
  await expect(complete({ logit_bias: [[99_999_999, 1]] })).rejects.toMatchObject(refused);
});

test('a temperature or penalty near 0 with a grammar does not fail', async () => {
  const parameters = {
    type: 'object',
    properties: { at: { type: 'integer', minimum: 1, maximum: 9 } },
    required: ['at'],
  };
  const json_schema = { name: 'x', schema: { ...parameters, additionalProperties: false } };
  const uncut = { top_k: 0, top_p: 1, min_p: 0 };
  for (const hostile of [{ temperature: 1e-40 }, { temperature: 1, repeat_penalty: 1e-300 }, { temperature: 5e-324 }]) {
    const asked = { model, messages, max_tokens: 100, ...uncut, ...hostile };
    const { choices } = await connect().chat.completions.create({
      ...asked,
      tools: [{ type: 'function', function: { name: 'sit', parameters } }],
      tool_choice: 'required',
    });
    expect(choices[0]?.message.tool_calls?.length).toBeGreaterThan(0);
    const text = await chat({ ...asked, response_format: { type: 'json_schema', json_schema } });
    expect(JSON.parse(text)).toEqual({ at: expect.any(Number) });
  }
});
