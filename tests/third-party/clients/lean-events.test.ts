import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';
import { expectWholeProgress, progressIn, swiftLm } from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { jsonOf, readSse, type SseRecord } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

// exo and SwiftLM send progress in events with their own name and without `choices`, and both say that SDKs ignore such
// events. These tests show that the SDKs fail on them, so Headway's named events carry an empty `choices`.

interface Chunk {
  choices?: { delta: { content?: string | null } }[];
  usage?: { prompt_tokens: number; prompt_tokens_details: { cached_tokens: number } } | null;
}

const isToken = (record: SseRecord) => Boolean(jsonOf<Chunk>(record)?.choices?.[0]?.delta.content);

const asked = (salt: string) => ({
  model: 'storyteller',
  messages: [{ role: 'user' as const, content: longQuestion(salt) }],
  temperature: 0,
  max_tokens: 5,
});

let gateway: EmbeddedGateway;
beforeAll(async () => {
  gateway = await startEmbedded();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

test.each(['1', 'on', ' TRUE ', 'Yes'])(
  'a client that reads the stream itself gets the lean event for %j',
  async (value) => {
    const response = await fetch(`${gateway.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-SwiftLM-Prefill-Progress': value },
      body: JSON.stringify({ ...asked(value), stream: true, stream_options: { include_usage: true } }),
    });
    const records = readSse(await response.text());
    expect(records.findLast(({ data }) => data !== null)?.data).toBe('[DONE]');
    const { usage } = records.map((record) => jsonOf<Chunk>(record)).findLast((chunk) => chunk?.usage) ?? {};
    expectWholeProgress(records, swiftLm, {
      tokens: usage?.prompt_tokens ?? 0,
      cached: usage?.prompt_tokens_details.cached_tokens ?? 0,
      isToken,
    });
    const lean = records.filter(({ event }) => event === 'prefill_progress').map((record) => jsonOf(record));
    expect(lean[0]).toEqual({
      status: 'processing',
      n_past: expect.any(Number) as number,
      n_prompt_tokens: usage?.prompt_tokens,
      fraction: expect.any(Number) as number,
      elapsed_seconds: expect.any(Number) as number,
    });
    expect(lean.at(-1)).toMatchObject({ fraction: 1 });
  },
);

describe('the lean event breaks the openai package', () => {
  function connect() {
    const tap = new TappedFetch(swiftLm.headers);
    return { tap, client: new OpenAI({ baseURL: gateway.baseURL, apiKey: 'none', maxRetries: 0, fetch: tap.fetch }) };
  }

  test('create({ stream: true }) yields it as a chunk, and code that relies on the chunk’s type fails', async () => {
    const { tap, client } = connect();
    const stream = await client.chat.completions.create({ ...asked('create'), stream: true });
    const read = async () => {
      let text = '';
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
      return text;
    };
    await expect(read()).rejects.toThrow(TypeError);
    expect(await tap.last.body).toContain('event: prefill_progress\n');
  });

  test('stream() fails', async () => {
    const { tap, client } = connect();
    const completion = client.chat.completions.stream(asked('stream')).finalChatCompletion();
    await expect(completion).rejects.toThrow(/not iterable/);
    expect(progressIn(readSse(await tap.last.body), swiftLm).length).toBeGreaterThan(0);
  });
});

test('the AI SDK reports an error for each lean event', async () => {
  const tap = new TappedFetch(swiftLm.headers);
  const provider = createOpenAICompatible({ name: 'headway', baseURL: gateway.baseURL, fetch: tap.fetch });
  const result = streamText({
    model: provider('storyteller'),
    prompt: longQuestion('ai'),
    temperature: 0,
    maxOutputTokens: 5,
    maxRetries: 0,
    onError: () => undefined,
  });
  const errors = [];
  for await (const part of result.fullStream) if (part.type === 'error') errors.push(part);
  const lean = progressIn(readSse(await tap.last.body), swiftLm);
  expect(lean.length).toBeGreaterThan(0);
  expect(errors).toHaveLength(lean.length);
});
