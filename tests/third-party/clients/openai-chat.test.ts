import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';

import { expectWholeProgress, sdkModes, silent, type ProgressMode } from './progress-modes.ts';
import { longQuestion } from './prompts.ts';
import { shareGateway } from './shared-gateway.ts';
import { isChatToken } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

const shared = shareGateway();

function connect(mode: ProgressMode) {
  const tap = new TappedFetch();
  const options = { baseURL: shared.gateway.baseURL, apiKey: 'none', maxRetries: 0, defaultHeaders: mode.headers };
  return { tap, client: new OpenAI({ ...options, fetch: tap.fetch }) };
}

interface Asked {
  messages: OpenAI.ChatCompletionMessageParam[];
  max_tokens: number;
  ignore_eos?: boolean;
}

/** For as many pieces as there are tokens. */
const atLength = (salt: string): Asked => ({
  messages: [{ role: 'user', content: longQuestion(salt) }],
  max_tokens: 40,
  ignore_eos: true,
});

const toTheEnd: Asked = { messages: [{ role: 'user', content: 'What is Headway?' }], max_tokens: 100 };

const ask = (asked: Asked, mode: ProgressMode) => ({ model: 'storyteller', temperature: 0, ...asked, ...mode.body });

describe.each(sdkModes)('openai in the mode $name', (mode) => {
  test('create({ stream: true }) gets the text whole, its usage and its end, and the progress came', async () => {
    const { tap, client } = connect(mode);
    const stream = await client.chat.completions.create({
      ...ask(atLength(`create in ${mode.name}`), mode),
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
    expectWholeProgress(records, mode, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
  });

  test('stream() adds an answer up that ends by itself', async () => {
    const { tap, client } = connect(mode);
    const runner = client.chat.completions.stream(ask(toTheEnd, mode));
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
    expectWholeProgress(records, mode, {
      tokens: usage.promptTokens,
      cached: usage.cachedTokens,
      isToken: isChatToken,
    });
  });

  test('two choices come whole, too', async () => {
    const { tap, client } = connect(mode);
    const runner = client.chat.completions.stream({
      ...ask(atLength(`choices in ${mode.name}`), mode),
      n: 2,
      temperature: 1,
      seed: 5,
    });
    const completion = await runner.finalChatCompletion();
    const { choices, usage } = await shared.headway.watch(tap.last.id).result();
    expect(completion.choices.map(({ message }) => message.content)).toEqual(choices.map(({ text }) => text));
    expect(completion.choices).toHaveLength(2);
    const records = await tap.last.records();
    expectWholeProgress(records, mode, {
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
