import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startEmbedded, type EmbeddedGateway } from './embedded-gateway.ts';
import { comment, named, progressIn, returnProgress, swiftLm, type ProgressDialect } from './progress-dialects.ts';
import { longQuestion } from './prompts.ts';
import { jsonOf, readSse, type SseRecord } from './sse-records.ts';
import { TappedFetch } from './tapped-fetch.ts';

interface Chunk {
  usage?: { prompt_tokens: number } | null;
}

const [long, short] = [2400, 300];

const asked = (salt: string, words: number, dialect: ProgressDialect) => ({
  model: 'storyteller',
  messages: [{ role: 'user' as const, content: longQuestion(`${salt}, ${words} words`, words) }],
  max_tokens: 20,
  stream: true as const,
  stream_options: { include_usage: true },
  ...dialect.body,
});

/** Fails unless a stream reports the progress of its own prompt only. */
function expectOwnTotals(records: readonly SseRecord[], dialect: ProgressDialect, words: number): void {
  const { usage } = records.map((record) => jsonOf<Chunk>(record)).findLast((chunk) => chunk?.usage) ?? {};
  const total = usage?.prompt_tokens ?? 0;
  expect(total).toBeGreaterThan(words);
  expect(total).toBeLessThan(words + 100);
  const progress = progressIn(records, dialect);
  expect(progress.length).toBeGreaterThan(2);
  expect(new Set(progress.map((reading) => reading.total))).toEqual(new Set([total]));
  expect(progress.at(-1)?.processed).toBe(total);
}

describe('two requests of different sizes at once each report their own totals', () => {
  let gateway: EmbeddedGateway;
  beforeAll(async () => {
    gateway = await startEmbedded({ parallel: 2 });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  test.each([returnProgress, named, comment, swiftLm])(
    'in the raw stream of the progress dialect $name',
    async (dialect) => {
      const ended: number[] = [];
      const stream = async (words: number) => {
        const response = await fetch(`${gateway.baseURL}/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...dialect.headers },
          body: JSON.stringify(asked(`raw in ${dialect.name}`, words, dialect)),
        });
        const body = await response.text();
        ended.push(words);
        return readSse(body);
      };
      const [ofLong, ofShort] = await Promise.all([stream(long), stream(short)]);
      expectOwnTotals(ofLong, dialect, long);
      expectOwnTotals(ofShort, dialect, short);
      // At once: the short one did not wait for the long one.
      expect(ended).toEqual([short, long]);
    },
  );

  test.each([returnProgress, named, comment])(
    'through the openai package in the progress dialect $name',
    async (dialect) => {
      const run = async (words: number) => {
        const tap = new TappedFetch(dialect.headers);
        const client = new OpenAI({ baseURL: gateway.baseURL, apiKey: 'none', maxRetries: 0, fetch: tap.fetch });
        const stream = await client.chat.completions.create(asked(`openai in ${dialect.name}`, words, dialect));
        let finish: string | null = null;
        for await (const { choices } of stream) finish = choices[0]?.finish_reason ?? finish;
        expect(['stop', 'length']).toContain(finish);
        expectOwnTotals(await tap.last.records(), dialect, words);
      };
      await Promise.all([run(long), run(short)]);
    },
  );
});
