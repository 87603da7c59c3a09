import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';

import { expectWholeProgress, sdkDialects, silent, type ProgressDialect } from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { shareGateway } from './shared-gateway.ts';
import type { SseRecord } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

const isToken = ({ event }: SseRecord) => event === 'response.output_text.delta';

const shared = shareGateway();

function connect(dialect: ProgressDialect) {
  const tap = new TappedFetch(dialect.headers);
  return {
    tap,
    client: new OpenAI({ baseURL: shared.gateway.baseURL, apiKey: 'none', maxRetries: 0, fetch: tap.fetch }),
  };
}

interface Asked {
  input: string;
  max_output_tokens: number;
  ignore_eos?: boolean;
}

/** Ignores the end-of-sequence token, so that each answer has as many tokens as the limit. */
const atLength = (salt: string): Asked => ({ input: longQuestion(salt), max_output_tokens: 40, ignore_eos: true });

const toTheEnd: Asked = { input: 'What is Headway?', max_output_tokens: 100 };

const ask = (asked: Asked, dialect: ProgressDialect) => ({
  model: 'storyteller',
  temperature: 0,
  ...asked,
  ...dialect.body,
});

describe.each(sdkDialects)('openai responses in the progress dialect $name', (dialect) => {
  test('create({ stream: true }) gets the whole text, its usage and its end, and the stream has progress', async () => {
    const { tap, client } = connect(dialect);
    const stream = await client.responses.create({
      ...ask(atLength(`create in ${dialect.name}`), dialect),
      stream: true,
    });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);

    const pieces = events.flatMap((event) => (event.type === 'response.output_text.delta' ? event.delta : []));
    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
    expect(events[0]?.type).toBe('response.created');
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: {
        incomplete_details: { reason: 'max_output_tokens' },
        usage: {
          input_tokens: usage.promptTokens,
          input_tokens_details: { cached_tokens: usage.cachedTokens },
          output_tokens: usage.completionTokens,
        },
      },
    });
    const records = await tap.last.records();
    expectWholeProgress(records, dialect, { tokens: usage.promptTokens, cached: usage.cachedTokens, isToken });
  });

  test('stream() assembles an answer that ends by itself', async () => {
    const { tap, client } = connect(dialect);
    const runner = client.responses.stream(ask(toTheEnd, dialect));
    let pieces = 0;
    runner.on('response.output_text.delta', () => pieces++);
    const response = await runner.finalResponse();

    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    expect(pieces).toBeGreaterThan(1);
    expect(response.status).toBe('completed');
    expect(response.output).toMatchObject([{ type: 'message', content: [{ type: 'output_text', text }] }]);
    const records = await tap.last.records();
    expectWholeProgress(records, dialect, { tokens: usage.promptTokens, cached: usage.cachedTokens, isToken });
  });
});

test('openai gets a response without a stream as the same text in one piece', async () => {
  const { tap, client } = connect(silent);
  const response = await client.responses.create({ ...ask(atLength('whole'), silent), stream: false });
  const { text, usage } = await shared.headway.watch(tap.last.id).result();
  expect(text).not.toBe('');
  expect(response.output_text).toBe(text);
  expect(response.status).toBe('incomplete');
  expect(response.usage).toMatchObject({ input_tokens: usage.promptTokens, output_tokens: usage.completionTokens });
});
