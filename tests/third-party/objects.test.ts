import { ChatAnthropic } from '@langchain/anthropic';
import { ChatOpenAI } from '@langchain/openai';
import { generateObject, generateText, jsonSchema, Output, streamObject } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { longQuestion } from './clients/prompts.ts';
import { providers } from './libraries/ai-sdk.ts';
import { startRecorded, type RecordedGateway } from './recorded-gateway.ts';
import { weather } from './weather-tool.ts';

interface Forecast {
  city: string;
  days: number;
}
const whole = { city: expect.any(String) as string, days: expect.any(Number) as number };
const schema = jsonSchema<Forecast>(weather.parameters);

let gateway: RecordedGateway;
beforeAll(async () => {
  gateway = await startRecorded();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

/** The schemas of the engine's last request. Anthropic's provider makes a tool call of a format that it does not know. */
const lastSchemas = () => {
  const { responseFormat, tools = [] } = gateway.generations.at(-1)?.input ?? {};
  const schema = responseFormat?.type === 'json' ? responseFormat.schema : undefined;
  return [schema, ...tools.map(({ parameters }) => parameters)];
};

describe.each(providers)('objects with a schema through $name, $surface', ({ name, open }) => {
  const asked = () => ({
    model: open(gateway),
    prompt: longQuestion(name, 50),
    temperature: 0,
    maxOutputTokens: 200,
    maxRetries: 0,
  });

  test('generateObject() returns the object, which the grammar enforced', async () => {
    const { object, finishReason } = await generateObject({ ...asked(), schema });
    expect(object).toEqual(whole);
    expect(finishReason).toBe('stop');
    expect(lastSchemas()).toContainEqual(expect.objectContaining({ required: ['city', 'days'] }));
  });

  test('streamObject() returns the object piece by piece', async () => {
    const answer = streamObject({ ...asked(), schema });
    const partials: unknown[] = [];
    for await (const partial of answer.partialObjectStream) partials.push(partial);
    expect(partials.length).toBeGreaterThan(1);
    expect(partials.at(-1)).toEqual(whole);
    expect(await answer.object).toEqual(whole);
  });

  test('generateText() returns an object and a choice as its output', async () => {
    const { output } = await generateText({ ...asked(), output: Output.object({ schema }) });
    expect(output).toEqual(whole);
    const choice = await generateText({ ...asked(), output: Output.choice({ options: ['sunny', 'rainy'] }) });
    expect(['sunny', 'rainy']).toContain(choice.output);
  });
});

test.each([
  ['jsonSchema', 'of a format'],
  ['functionCalling', 'of a call that it asks for'],
] as const)('LangChain returns an object by the method %s, %s', async (method, _of) => {
  const { model, baseURL } = gateway;
  const configuration = { baseURL };
  const chat = new ChatOpenAI({ model, apiKey: 'none', configuration, maxRetries: 0, maxTokens: 200, temperature: 0 });
  const structured = chat.withStructuredOutput<Forecast>(weather.parameters, { name: 'forecast', method });
  expect(await structured.invoke('What is the weather in Rome?')).toEqual(whole);
});

test("LangChain returns an object through Anthropic's API, by a tool call", async () => {
  const { model, url } = gateway;
  const chat = new ChatAnthropic({ model, apiKey: 'none', anthropicApiUrl: url, maxRetries: 0, maxTokens: 200 });
  const structured = chat.withStructuredOutput<Forecast>(weather.parameters, {
    name: 'forecast',
    method: 'functionCalling',
  });
  expect(await structured.invoke('What is the weather in Rome?')).toEqual(whole);
});
