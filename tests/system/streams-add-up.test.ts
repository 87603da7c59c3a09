import Anthropic from '@anthropic-ai/sdk';
import { createEngine, createVirtualClock, scripted, type ScriptedOptions } from '@headway/engine';
import { startGateway } from '@headway/gateway';
import OpenAI from 'openai';
import { expect, test } from 'vitest';

async function setUp(script: ScriptedOptions['script']) {
  const clock = createVirtualClock({ auto: true });
  const engine = await createEngine({ backend: scripted({ clock, script }), clock });
  const gateway = await startGateway({ engine, port: 0 });
  const shared = { apiKey: 'none', maxRetries: 0, defaultHeaders: { 'X-Headway-Progress': 'comment' } };
  return {
    openai: new OpenAI({ baseURL: `${gateway.url}/v1`, ...shared }),
    anthropic: new Anthropic({ baseURL: gateway.url, ...shared }),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await engine.close();
    },
  };
}

/** Fields that differ between runs, are llama.cpp's, or are made by the package. */
const passing = new Set([
  'id',
  'call_id',
  'created',
  'created_at',
  'timings',
  'cached_tokens',
  'object',
  '_request_id',
]);
const ofPackages = new Set(['parsed', 'parsed_output', 'parsed_arguments', 'output_parsed', 'output_text']);
const cachedApart = new Set(['input_tokens', 'cache_read_input_tokens']);

/** An answer without these fields; a missing text becomes an empty one. */
function whatStays(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(whatStays);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !passing.has(name) && !ofPackages.has(name) && !cachedApart.has(name))
      // The openai package keeps the last value of an unknown field.
      .filter(([name]) => name !== 'reasoning_content')
      .map(([name, inner]) => [name, name === 'content' && inner === null ? '' : whatStays(inner)]),
  );
}

const messages = [{ role: 'user' as const, content: 'Hello there.' }];
const names = ['now', 'weather'];
const schema = { type: 'object' as const };
const now = { name: 'now', arguments: '' };
const weather = { name: 'weather', arguments: '{"city": "Oslo", "days": 3}' };

const scripts = {
  'a text': { reply: 'Héllo 😀\nand a second line' },
  'no word': { reply: '' },
  'a thought and a text': { reply: 'One two', reasoning: 'let me think' },
  'a call': { reply: '', toolCalls: [weather] },
  'a call without arguments': { reply: '', toolCalls: [now] },
  'a thought, a text and calls': { reply: 'I look', reasoning: 'a tool knows', toolCalls: [weather, weather, now] },
};

test.each(Object.entries(scripts))(
  '%s: a stream adds up to the same answer as one body, in every package',
  async (_, script) => {
    await using context = await setUp(script);
    const { openai, anthropic } = context;
    // At the token limit a stream can show an incomplete call, which a body cannot.
    for (const limit of script.reply === '' ? [100] : [1, 100]) {
      const functions = limit === 1 ? [] : names.map((name) => ({ name, parameters: schema }));

      const chat = {
        model: 'default',
        messages,
        n: 2,
        max_tokens: limit,
        logprobs: true,
        tools: functions.map((one) => ({ type: 'function' as const, function: one })),
      };
      const completion = openai.chat.completions.stream({
        ...chat,
        stream: true,
        stream_options: { include_usage: true },
      });
      expect(whatStays(await completion.finalChatCompletion())).toEqual(
        whatStays(await openai.chat.completions.create(chat)),
      );

      const asked = {
        model: 'default',
        input: 'Hello there.',
        max_output_tokens: limit,
        include: ['message.output_text.logprobs' as const],
        tools: functions.map((one) => ({ type: 'function' as const, strict: false, ...one })),
      };
      const response = openai.responses.stream({ ...asked, stream: true });
      expect(whatStays(await response.finalResponse())).toEqual(whatStays(await openai.responses.create(asked)));

      const said = {
        model: 'default',
        messages,
        max_tokens: limit,
        tools: functions.map(({ name, parameters }) => ({ name, input_schema: parameters })),
      };
      expect(whatStays(await anthropic.messages.stream(said).finalMessage())).toEqual(
        whatStays(await anthropic.messages.create(said)),
      );
    }
  },
);
