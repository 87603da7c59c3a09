import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';

import {
  comment,
  expectWholeProgress,
  named,
  returnProgress,
  silent,
  type ProgressDialect,
} from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { shareGateway } from './shared-gateway.ts';
import type { SseRecord } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

/** llama.cpp's field selects `named`, because no event of this API could carry its object. */
const dialects: ProgressDialect[] = [silent, { ...returnProgress, read: named.read }, named, comment];

const isToken = ({ event }: SseRecord) => event === 'content_block_delta';

const shared = shareGateway();

function connect(dialect: ProgressDialect) {
  const tap = new TappedFetch(dialect.headers);
  return {
    tap,
    client: new Anthropic({ baseURL: shared.gateway.url, apiKey: 'none', maxRetries: 0, fetch: tap.fetch }),
  };
}

const ask = (content: string, dialect: ProgressDialect) => ({
  model: 'storyteller',
  messages: [{ role: 'user' as const, content }],
  temperature: 0,
  max_tokens: 100,
  ...dialect.body,
});

describe.each(dialects)("Anthropic's SDK in the progress dialect $name", (dialect) => {
  test('create({ stream: true }) gets the message in order, after pings and progress', async () => {
    const { tap, client } = connect(dialect);
    const stream = await client.messages.create({
      ...ask(longQuestion(`create in ${dialect.name}`), dialect),
      max_tokens: 40,
      stream: true,
    });
    const read: Anthropic.MessageStreamEvent[] = [];
    for await (const event of stream) read.push(event);
    // It passes on events of unknown types, which a `switch` ignores.
    const unknownEvents = read.filter(({ type }) => String(type) === 'prefill_progress');
    expect(unknownEvents.length > 0).toBe(dialect.read === named.read);
    const events = read.filter((event) => !unknownEvents.includes(event));

    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    const pieces = events.flatMap((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : [],
    );
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(text);
    const order = events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
    expect(order).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'max_tokens' },
      usage: {
        input_tokens: usage.promptTokens - usage.cachedTokens,
        cache_read_input_tokens: usage.cachedTokens,
        output_tokens: usage.completionTokens,
      },
    });
    const records = await tap.last.records();
    const [start, ping, block] = ['message_start', 'ping', 'content_block_start'].map((name) =>
      records.findIndex(({ event }) => event === name),
    );
    expect([start, ping, block]).toEqual([start, ping, block].toSorted((a = 0, b = 0) => a - b));
    expect(start).toBeGreaterThan(-1);
    expectWholeProgress(records, dialect, { tokens: usage.promptTokens, cached: usage.cachedTokens, isToken });
  });

  test('stream() assembles an answer that ends by itself', async () => {
    const { tap, client } = connect(dialect);
    const runner = client.messages.stream(ask('What is Headway?', dialect));
    let pieces = 0;
    runner.on('text', () => pieces++);
    const message = await runner.finalMessage();

    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    expect(pieces).toBeGreaterThan(1);
    expect(message).toMatchObject({ role: 'assistant', stop_reason: 'end_turn', content: [{ type: 'text', text }] });
    const records = await tap.last.records();
    expectWholeProgress(records, dialect, { tokens: usage.promptTokens, cached: usage.cachedTokens, isToken });
  });
});

describe("Anthropic's SDK without a stream", () => {
  test('create() gets a message that ends at a stop sequence', async () => {
    const { tap, client } = connect(silent);
    const message = await client.messages.create({ ...ask('What is Headway?', silent), stop_sequences: [' '] });
    const { text, usage } = await shared.headway.watch(tap.last.id).result();
    expect(text).not.toBe('');
    expect(message).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text }],
      usage: { output_tokens: usage.completionTokens },
    });
  });

  test('countTokens() equals the prompt tokens of create()', async () => {
    const { client } = connect(silent);
    const { model, messages } = ask(longQuestion('counted', 50), silent);
    const system = 'You are brief.';
    const { input_tokens: counted } = await client.messages.countTokens({ model, messages, system });
    const { usage } = await client.messages.create({ model, messages, system, max_tokens: 1 });
    expect(counted).toBeGreaterThan(50);
    expect(usage.input_tokens + (usage.cache_read_input_tokens ?? 0)).toBe(counted);
  });

  test('lists the embedded model', async () => {
    const found = [];
    for await (const { id } of connect(silent).client.models.list()) found.push(id);
    expect(found).toEqual(['storyteller']);
  });
});
