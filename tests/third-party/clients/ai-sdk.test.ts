import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, Output, streamText } from 'ai';
import { describe, expect, test } from 'vitest';

import { comment, expectWholeProgress, progressIn, sdkModes, type ProgressMode } from './progress-modes.ts';
import { longQuestion } from './prompts.ts';
import { shareGateway } from './shared-gateway.ts';
import { isChatToken } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

const shared = shareGateway();

function connect(mode: ProgressMode) {
  const tap = new TappedFetch();
  const provider = createOpenAICompatible({
    name: 'headway',
    baseURL: shared.gateway.baseURL,
    includeUsage: true,
    supportsStructuredOutputs: true,
    headers: mode.headers,
    fetch: tap.fetch,
  });
  return { tap, model: provider('storyteller') };
}

/** Fields that the SDK does not know go out as they are. */
const extra = (fields: Readonly<Record<string, unknown>>) => ({ headway: fields as Record<string, never> });

describe.each(sdkModes)('the AI SDK in the mode $name', (mode) => {
  test('streamText() gets the text whole, its usage and its end, and the progress came', async () => {
    const { tap, model } = connect(mode);
    const result = streamText({
      model,
      prompt: longQuestion(`stream in ${mode.name}`),
      temperature: 0,
      maxOutputTokens: 40,
      maxRetries: 0,
      includeRawChunks: true,
      providerOptions: extra({ ignore_eos: true, ...mode.body }),
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
    expectWholeProgress(records, mode, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
    const raw = parts.flatMap((part) => (part.type === 'raw' ? [part.rawValue as Record<string, unknown>] : []));
    const seen = raw.filter((chunk) => 'prompt_progress' in chunk || 'phase' in chunk);
    expect(seen).toHaveLength(mode === comment ? 0 : progressIn(records, mode).length);
  });

  test('generateText() gets the same in one piece', async () => {
    const { tap, model } = connect(mode);
    const { text, finishReason, usage } = await generateText({
      model,
      prompt: 'What is Headway?',
      temperature: 0,
      maxOutputTokens: 100,
      maxRetries: 0,
      providerOptions: extra(mode.body),
    });
    const generated = await shared.headway.watch(tap.last.id).result();
    expect(text).not.toBe('');
    expect(text).toBe(generated.text);
    expect(finishReason).toBe('stop');
    expect(usage).toMatchObject({ outputTokens: generated.usage.completionTokens });
  });

  test('an object by a schema comes whole, streamed and not', async () => {
    const { tap, model } = connect(mode);
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
      prompt: longQuestion(`object in ${mode.name}`, 100),
      temperature: 0,
      maxRetries: 0,
      providerOptions: extra(mode.body),
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
    expectWholeProgress(records, mode, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
  });
});
