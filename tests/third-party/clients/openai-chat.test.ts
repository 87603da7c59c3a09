import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';

import { expectWholeProgress, sdkDialects, silent, type ProgressDialect } from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { shareGateway } from './shared-gateway.ts';
import { isChatToken } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

const shared = shareGateway();

function connect(dialect: ProgressDialect) {
  const tap = new TappedFetch();
  const options = { baseURL: shared.gateway.baseURL, apiKey: 'none', maxRetries: 0, defaultHeaders: dialect.headers };
  return { tap, client: new OpenAI({ ...options, fetch: tap.fetch }) };
}

interface Asked {
  messages: OpenAI.ChatCompletionMessageParam[];
  max_tokens: number;
  ignore_eos?: boolean;
}

/** Ignores the end-of-sequence token, so that each answer has as many tokens as the limit. */
const atLength = (salt: string): Asked => ({
  messages: [{ role: 'user', content: longQuestion(salt) }],
  max_tokens: 40,
  ignore_eos: true,
});

const toTheEnd: Asked = { messages: [{ role: 'user', content: 'What is Headway?' }], max_tokens: 100 };

const ask = (asked: Asked, dialect: ProgressDialect) => ({
  model: 'storyteller',
  temperature: 0,
  ...asked,
  ...dialect.body,
});

describe.each(sdkDialects)('openai chat in the progress dialect $name', (dialect) => {
  test('create({ stream: true }) gets the whole text, its usage and its end, and the stream has progress', async () => {
    const { tap, client } = connect(dialect);
    const stream = await client.chat.completions.create({
      ...ask(atLength(`create in ${dialect.name}`), dialect),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);

    const pieces = chunks.flatMap(({ choices: [choice] }) => choice?.delta.content || []);
    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    expect(chunks.flatMap(({ choices: [choice] }) => choice?.delta.role ?? [])).toEqual(['assistant']);
    expect(chunks.flatMap(({ choices: [choice] }) => choice?.finish_reason ?? [])).toEqual(['length']);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: usage.promptTokens,
        completion_tokens: usage.completionTokens,
        prompt_tokens_details: { cached_tokens: usage.cachedTokens },
      },
    });
    const records = await tap.last.records();
    expect(records.findLast(({ data }) => data !== null)?.data).toBe('[DONE]');
    expectWholeProgress(records, dialect, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
  });

  test('stream() assembles an answer that ends by itself', async () => {
    const { tap, client } = connect(dialect);
    const runner = client.chat.completions.stream(ask(toTheEnd, dialect));
    let pieces = 0;
    runner.on('content', () => pieces++);
    const completion = await runner.finalChatCompletion();

    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    expect(pieces).toBeGreaterThan(1);
    expect(completion.choices).toHaveLength(1);
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: text },
    });
    const records = await tap.last.records();
    expectWholeProgress(records, dialect, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
  });

  test('two choices arrive completely', async () => {
    const { tap, client } = connect(dialect);
    const runner = client.chat.completions.stream({
      ...ask(atLength(`choices in ${dialect.name}`), dialect),
      n: 2,
      temperature: 1,
      seed: 5,
    });
    const completion = await runner.finalChatCompletion();
    const { choices, usage } = await shared.headway.watch(tap.last.id).result();
    expect(completion.choices.map(({ message }) => message.content)).toEqual(choices.map(({ text }) => text));
    expect(completion.choices).toHaveLength(2);
    const records = await tap.last.records();
    expectWholeProgress(records, dialect, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
  });
});

describe('openai without a stream', () => {
  test.each([
    ['length', { max_tokens: 3 }],
    ['stop', { stop: ' ' }],
  ] as const)('create() ends by %s', async (reason, options) => {
    const { tap, client } = connect(silent);
    const completion = await client.chat.completions.create({ ...ask(toTheEnd, silent), ...options });
    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    expect(completion.choices[0]).toMatchObject({
      finish_reason: reason,
      message: { role: 'assistant', content: text },
    });
    expect(text).not.toBe('');
    expect(completion.usage).toMatchObject({
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      total_tokens: usage.promptTokens + usage.completionTokens,
    });
  });

  test('lists the embedded model', async () => {
    const { data } = await connect(silent).client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['storyteller']);
  });
});
