import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';

import { expectWholeProgress, sdkDialects } from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { shareGateway } from './shared-gateway.ts';
import { jsonOf, type SseRecord } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

const isToken = (record: SseRecord) => Boolean(jsonOf<{ choices: { text?: string }[] }>(record)?.choices?.[0]?.text);

const shared = shareGateway();

describe.each(sdkDialects)('openai completions in the progress dialect $name', (dialect) => {
  test('arrive completely, with usage and end, and the stream has progress', async () => {
    const tap = new TappedFetch(dialect.headers);
    const client = new OpenAI({ baseURL: shared.gateway.baseURL, apiKey: 'none', maxRetries: 0, fetch: tap.fetch });
    const extra = { ignore_eos: true, ...dialect.body };
    const stream = await client.completions.create({
      model: 'storyteller',
      prompt: longQuestion(`complete in ${dialect.name}`),
      temperature: 0,
      max_tokens: 40,
      stream: true,
      stream_options: { include_usage: true },
      ...extra,
    });
    const chunks: OpenAI.Completion[] = [];
    for await (const chunk of stream) chunks.push(chunk);

    const pieces = chunks.flatMap(({ choices: [choice] }) => choice?.text || []);
    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    expect(chunks.flatMap(({ choices: [choice] }) => choice?.finish_reason ?? [])).toEqual(['length']);
    expect(chunks.at(-1)?.usage).toMatchObject({
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    });
    const records = await tap.last.records();
    expect(records.findLast(({ data }) => data !== null)?.data).toBe('[DONE]');
    expectWholeProgress(records, dialect, { tokens: usage.promptTokens, cached: usage.cachedTokens, isToken });
  });
});

test('openai gets a completion without a stream as the same text in one piece', async () => {
  const tap = new TappedFetch();
  const client = new OpenAI({ baseURL: shared.gateway.baseURL, apiKey: 'none', maxRetries: 0, fetch: tap.fetch });
  const completion = await client.completions.create({
    model: 'storyteller',
    prompt: 'Once upon a time',
    temperature: 0,
    max_tokens: 12,
  });
  const { text, usage } = await shared.headway.watch(tap.last.id).result();
  expect(text).not.toBe('');
  expect(completion.choices[0]).toMatchObject({ text });
  expect(completion.usage?.completion_tokens).toBe(usage.completionTokens);
});
