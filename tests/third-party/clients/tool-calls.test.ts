import Anthropic from '@anthropic-ai/sdk';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { jsonSchema, streamText, tool } from 'ai';
import { Ajv2020 } from 'ajv/dist/2020.js';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';
import { expectWholeProgress, sdkDialects, type ProgressDialect } from './progress-dialects.ts';
import { jsonOf, type SseRecord } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

const weather = {
  type: 'object' as const,
  properties: {
    city: { type: 'string' as const, minLength: 1, maxLength: 12 },
    unit: { enum: ['celsius', 'fahrenheit'] },
    days: { type: 'integer' as const, minimum: 1, maximum: 7 },
  },
  required: ['city', 'unit', 'days'],
  additionalProperties: false,
};
const clock = { type: 'object' as const, properties: { zone: { enum: ['UTC', 'CET'] } }, required: ['zone'] };

const ajv = new Ajv2020();
const checks = new Map([
  ['get_weather', ajv.compile(weather)],
  ['get_time', ajv.compile(clock)],
]);

/** Fails unless the arguments match the schema of the tool. */
function expectValid(name: string, args: unknown): void {
  const check = checks.get(name);
  expect(check?.(args), `${name}(${JSON.stringify(args)}): ${ajv.errorsText(check?.errors)}`).toBe(true);
}

const tools: OpenAI.ChatCompletionFunctionTool[] = [
  {
    type: 'function',
    function: { name: 'get_weather', description: 'The weather', parameters: weather, strict: true },
  },
  { type: 'function', function: { name: 'get_time', description: 'The time', parameters: clock, strict: true } },
];
const question = (salt: string) => [{ role: 'user' as const, content: `${salt}: what is the weather in Rome?` }];

interface Chunk {
  choices: { delta: { tool_calls?: object[] } }[];
  usage?: { prompt_tokens: number; prompt_tokens_details: { cached_tokens: number } } | null;
}
const isToken = (record: SseRecord) => Boolean(jsonOf<Chunk>(record)?.choices[0]?.delta.tool_calls);

let gateway: EmbeddedGateway;
beforeAll(async () => {
  gateway = await startEmbedded();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

function connect(dialect: ProgressDialect) {
  const tap = new TappedFetch(dialect.headers);
  return { tap, client: new OpenAI({ baseURL: gateway.baseURL, apiKey: 'none', maxRetries: 0, fetch: tap.fetch }) };
}

describe.each(sdkDialects)('a tool call of the embedded model in the progress dialect $name', (dialect) => {
  test.each([
    ['required', 'required' as const],
    ['by name', { type: 'function' as const, function: { name: 'get_weather' } }],
  ])('with tool_choice %s arrives completely through openai, with valid arguments', async (how, toolChoice) => {
    const { tap, client } = connect(dialect);
    const runner = client.chat.completions.stream({
      model: 'storyteller',
      messages: question(`${how} in ${dialect.name}`),
      tools,
      tool_choice: toolChoice,
      parallel_tool_calls: false,
      temperature: 0,
      max_tokens: 200,
      stream_options: { include_usage: true },
      ...dialect.body,
    });
    const completion = await runner.finalChatCompletion();
    const [choice] = completion.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.tool_calls).toHaveLength(1);
    const call = choice?.message.tool_calls?.[0];
    expect(call?.id).toMatch(/./);
    expect(call?.function.name).toMatch(how === 'by name' ? /^get_weather$/ : /^get_(weather|time)$/);
    expectValid(call?.function.name ?? '', JSON.parse(call?.function.arguments ?? ''));

    const records = await tap.last.records();
    const { usage } = completion;
    expectWholeProgress(records, dialect, {
      tokens: usage?.prompt_tokens ?? 0,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      isToken,
    });
    expect(records.filter(isToken).length).toBeGreaterThan(1);
  });

  test('with toolChoice required arrives completely through the AI SDK, which validates it', async () => {
    const tap = new TappedFetch(dialect.headers);
    const provider = createOpenAICompatible({ name: 'headway', baseURL: gateway.baseURL, fetch: tap.fetch });
    const result = streamText({
      model: provider('storyteller'),
      messages: question(`AI SDK in ${dialect.name}`),
      tools: {
        get_weather: tool({ description: 'The weather', inputSchema: jsonSchema<{ city: string }>(weather) }),
      },
      toolChoice: 'required',
      temperature: 0,
      maxOutputTokens: 200,
      maxRetries: 0,
      providerOptions: { headway: { parallel_tool_calls: false, ...(dialect.body as Record<string, never>) } },
    });
    await result.consumeStream();
    expect(await result.finishReason).toBe('tool-calls');
    const calls = await result.toolCalls;
    expect(calls).toHaveLength(1);
    for (const { toolName, input } of calls) expectValid(toolName, input);
  });
});

test('the model reads the result of a tool call in the next turn', async () => {
  const { client } = connect(sdkDialects[0]);
  const first = await client.chat.completions.create({
    model: 'storyteller',
    messages: question('two turns'),
    tools,
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
    parallel_tool_calls: false,
    temperature: 0,
    max_tokens: 200,
  });
  const message = first.choices[0]?.message;
  const call = message?.tool_calls?.[0];
  if (!message || !call) throw new Error(`no call: ${JSON.stringify(first)}`);
  const second = await client.chat.completions.create({
    model: 'storyteller',
    messages: [
      ...question('two turns'),
      message,
      { role: 'tool', tool_call_id: call.id, content: 'Sunny, 20 degrees.' },
    ],
    tools,
    temperature: 0,
    max_tokens: 20,
  });
  expect(['stop', 'length', 'tool_calls']).toContain(second.choices[0]?.finish_reason);
  expect(second.usage?.prompt_tokens).toBeGreaterThan(first.usage?.prompt_tokens ?? Infinity);
});

test('a tool call arrives completely through openai responses, with valid arguments', async () => {
  const { client } = connect(sdkDialects[0]);
  const runner = client.responses.stream({
    model: 'storyteller',
    input: 'What is the weather in Rome?',
    tools: [{ type: 'function', name: 'get_weather', parameters: weather, strict: true }],
    tool_choice: 'required',
    parallel_tool_calls: false,
    temperature: 0,
    max_output_tokens: 200,
  });
  const { output, status } = await runner.finalResponse();
  expect(status).toBe('completed');
  const calls = output.filter((item) => item.type === 'function_call');
  expect(calls).toHaveLength(1);
  for (const { name, arguments: args } of calls) expectValid(name, JSON.parse(args));
});

test("a tool call arrives completely through Anthropic's SDK, with valid input", async () => {
  const client = new Anthropic({ baseURL: gateway.url, apiKey: 'none', maxRetries: 0 });
  const runner = client.messages.stream({
    model: 'storyteller',
    messages: question('messages'),
    tools: [{ name: 'get_weather', input_schema: weather }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    temperature: 0,
    max_tokens: 200,
  });
  const message = await runner.finalMessage();
  expect(message.stop_reason).toBe('tool_use');
  const calls = message.content.filter((block) => block.type === 'tool_use');
  expect(calls).toHaveLength(1);
  for (const { name, input } of calls) expectValid(name, input);
});
