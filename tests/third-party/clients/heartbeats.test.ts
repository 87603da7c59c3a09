import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { createClient, type HeadwayClient } from '@headway/client';
import { streamText } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';
import { longQuestion } from './prompts.ts';
import { jsonOf, type SseRecord } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

interface Chunk {
  choices?: unknown[];
  usage?: unknown;
}

let gateway: EmbeddedGateway;
let headway: HeadwayClient;
beforeAll(async () => {
  gateway = await startEmbedded({ heartbeatMs: 5 });
  headway = createClient({ url: gateway.url });
});
afterAll(async () => {
  await headway.close();
  await gateway[Symbol.asyncDispose]();
});

const openai = (tap: TappedFetch) =>
  new OpenAI({ baseURL: gateway.baseURL, apiKey: 'none', maxRetries: 0, fetch: tap.fetch });
const model = 'storyteller';

/** Each client sends a request and returns the text. */
const clients: Record<string, (tap: TappedFetch, content: string) => Promise<string | null>> = {
  'openai, chat': async (tap, content) => {
    const messages = [{ role: 'user' as const, content }];
    const runner = openai(tap).chat.completions.stream({ model, messages, max_tokens: 10 });
    return await runner.finalContent();
  },
  'openai, completions': async (tap, prompt) => {
    let text = '';
    const stream = await openai(tap).completions.create({ model, prompt, max_tokens: 10, stream: true });
    for await (const { choices } of stream) text += choices[0]?.text ?? '';
    return text;
  },
  'openai, responses': async (tap, input) => {
    const runner = openai(tap).responses.stream({ model, input, max_output_tokens: 10 });
    return (await runner.finalResponse()).output_text;
  },
  'the AI SDK': async (tap, prompt) => {
    const provider = createOpenAICompatible({ name: 'headway', baseURL: gateway.baseURL, fetch: tap.fetch });
    return await streamText({ model: provider(model), prompt, maxOutputTokens: 10, maxRetries: 0 }).text;
  },
  "Anthropic's SDK": async (tap, content) => {
    const client = new Anthropic({ baseURL: gateway.url, apiKey: 'none', maxRetries: 0, fetch: tap.fetch });
    const messages = [{ role: 'user' as const, content }];
    return await client.messages.stream({ model, messages, max_tokens: 10 }).finalText();
  },
};

/** A heartbeat of any API. */
function isDataBeat(record: SseRecord): boolean {
  if (record.event !== null) return record.event === 'ping' || record.event === 'response.in_progress';
  const chunk = jsonOf<Chunk>(record);
  return chunk?.choices?.length === 0 && !chunk.usage;
}

describe.each(Object.entries(clients))('heartbeats do not change the text for %s', (name, ask) => {
  test('as comments', async () => {
    const tap = new TappedFetch({ 'X-Headway-Heartbeat': 'comment' });
    const text = await ask(tap, longQuestion(`comments for ${name}`, 1200));
    expect(text).toBe((await headway.watch(tap.last.id).result()).text);
    const beats = (await tap.last.records()).filter(({ comments }) => comments.includes('keep-alive'));
    // Every stream begins with one.
    expect(beats.length).toBeGreaterThan(2);
  });

  test('as data', async () => {
    const tap = new TappedFetch({ 'X-Headway-Heartbeat': 'data' });
    const text = await ask(tap, longQuestion(`data for ${name}`, 1200));
    expect(text).toBe((await headway.watch(tap.last.id).result()).text);
    const records = await tap.last.records();
    expect(records.filter(isDataBeat).length).toBeGreaterThan(2);
    expect(records.filter(({ comments }) => comments.includes('keep-alive'))).toHaveLength(1);
  });
});
