import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, Output, streamText } from 'ai';
import { describe, expect, test } from 'vitest';

import { comment, expectWholeProgress, progressIn, sdkDialects, type ProgressDialect } from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { shareGateway } from './shared-gateway.ts';
import { isChatToken } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

const shared = shareGateway();

function connect(dialect: ProgressDialect) {
  const tap = new TappedFetch();
  const provider = createOpenAICompatible({
    name: 'headway',
    baseURL: shared.gateway.baseURL,
    includeUsage: true,
    supportsStructuredOutputs: true,
    headers: dialect.headers,
    fetch: tap.fetch,
  });
  return { tap, model: provider('storyteller') };
}

/** The SDK sends fields that it does not know unchanged. */
const extra = (fields: Readonly<Record<string, unknown>>) => ({ headway: fields as Record<string, never> });

describe.each(sdkDialects)('the AI SDK in the progress dialect $name', (dialect) => {
  test('streamText() gets the whole text, its usage and its end, and the stream has progress', async () => {
    const { tap, model } = connect(dialect);
    const result = streamText({
      model,
      prompt: longQuestion(`stream in ${dialect.name}`),
      temperature: 0,
      maxOutputTokens: 40,
      maxRetries: 0,
      includeRawChunks: true,
      providerOptions: extra({ ignore_eos: true, ...dialect.body }),
    });
    const parts = [];
    for await (const part of result.fullStream) parts.push(part);

    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    const pieces = parts.flatMap((part) => (part.type === 'text-delta' ? part.text : []));
    expect(parts.filter(({ type }) => type === 'error')).toEqual([]);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    expect(await result.finishReason).toBe('length');
    expect(await result.usage).toMatchObject({
      inputTokens: usage.promptTokens,
      outputTokens: usage.completionTokens,
      inputTokenDetails: { cacheReadTokens: usage.cachedTokens },
    });
    const records = await tap.last.records();
    expectWholeProgress(records, dialect, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
    const raw = parts.flatMap((part) => (part.type === 'raw' ? [part.rawValue as Record<string, unknown>] : []));
    const seen = raw.filter((chunk) => 'prompt_progress' in chunk || 'phase' in chunk);
    expect(seen).toHaveLength(dialect === comment ? 0 : progressIn(records, dialect).length);
  });

  test('generateText() gets the same text in one piece', async () => {
    const { tap, model } = connect(dialect);
    const { text, finishReason, usage } = await generateText({
      model,
      prompt: 'What is Headway?',
      temperature: 0,
      maxOutputTokens: 100,
      maxRetries: 0,
      providerOptions: extra(dialect.body),
    });
    const generated = await shared.headway.watch(tap.last.id).result();
    expect(text).not.toBe('');
    expect(text).toBe(generated.text);
    expect(finishReason).toBe('stop');
    expect(usage).toMatchObject({ outputTokens: generated.usage.completionTokens });
  });

  test('an object with a schema arrives completely, streamed or not', async () => {
    const { tap, model } = connect(dialect);
    const schema = jsonSchema<{ name: string; age: number }>({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 12 },
        age: { type: 'integer', minimum: 0, maximum: 120 },
      },
      required: ['name', 'age'],
      additionalProperties: false,
    });
    const asked = {
      model,
      output: Output.object({ schema }),
      prompt: longQuestion(`object in ${dialect.name}`, 100),
      temperature: 0,
      maxRetries: 0,
      providerOptions: extra(dialect.body),
    };
    const whole = { name: expect.any(String) as string, age: expect.any(Number) as number };
    const { output } = await generateText(asked);
    expect(output).toEqual(whole);

    const streamed = streamText(asked);
    const partials: unknown[] = [];
    for await (const partial of streamed.partialOutputStream) partials.push(partial);
    expect(partials.at(-1)).toEqual(whole);
    expect(await streamed.output).toEqual(whole);
    const { usage } = await shared.headway.watch(tap.last.id).result();
    const records = await tap.last.records();
    expectWholeProgress(records, dialect, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
  });
});
