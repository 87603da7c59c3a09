import Anthropic, { BadRequestError } from '@anthropic-ai/sdk';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';

const schema = {
  type: 'object',
  properties: { city: { type: 'string', maxLength: 20 }, days: { type: 'integer', minimum: 1, maximum: 7 } },
  required: ['city', 'days'],
  additionalProperties: false,
} as const;
const weather: Anthropic.Tool = {
  name: 'weather',
  description: 'The weather of a city.',
  input_schema: { ...schema, required: [...schema.required] },
};
const asked = {
  model: 'storyteller',
  max_tokens: 200,
  temperature: 0,
  messages: [{ role: 'user' as const, content: 'Will it be warm in Oslo?' }],
};

let gateway: EmbeddedGateway;
let client: Anthropic;
beforeAll(async () => {
  gateway = await startEmbedded();
  client = new Anthropic({ baseURL: gateway.url, apiKey: 'none', maxRetries: 0 });
});
afterAll(() => gateway[Symbol.asyncDispose]());

test('a required tool call matches its schema, streamed or not, and its result is read', async () => {
  const body = { ...asked, tools: [weather], tool_choice: { type: 'any' as const, disable_parallel_tool_use: true } };
  const message = await client.messages.create(body);
  expect(message.stop_reason).toBe('tool_use');
  const [call] = message.content.filter(({ type }) => type === 'tool_use') as Anthropic.ToolUseBlock[];
  expect(call).toMatchObject({ name: 'weather', input: { city: expect.any(String), days: expect.any(Number) } });
  const pieces: string[] = [];
  const stream = client.messages.stream(body).on('inputJson', (piece) => pieces.push(piece));
  const streamed = await stream.finalMessage();
  expect(streamed.content.map(({ type }) => type)).toEqual(message.content.map(({ type }) => type));
  expect(pieces.length).toBeGreaterThan(1);
  expect(streamed.content.at(-1)).toMatchObject({ name: 'weather', input: call?.input });
  const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: 'Warm.' };
  const next = await client.messages.create({
    ...body,
    tool_choice: { type: 'none' },
    messages: [
      ...asked.messages,
      { role: 'assistant', content: message.content as Anthropic.ContentBlockParam[] },
      { role: 'user', content: [result] },
    ],
  });
  expect(next.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/\S/) }]);
});

test('an answer with a schema matches it', async () => {
  const { parsed_output } = await client.messages.parse({
    ...asked,
    output_config: { format: jsonSchemaOutputFormat(schema) },
  });
  expect(parsed_output).toMatchObject({ city: expect.any(String), days: expect.any(Number) });
});

test('a schema that cannot be enforced is refused with its path', async () => {
  const strange = {
    ...weather,
    strict: true,
    input_schema: { type: 'object' as const, properties: { a: { not: {} } } },
  };
  const failure = await client.messages.create({ ...asked, tools: [strange] }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(BadRequestError);
  expect(failure).toMatchObject({
    apiMessage: expect.stringMatching(/^tools\[0\]\.input_schema\.properties\.a\b.*not/),
  });
});
