import type { PrefillEvent, SpanEvent } from '@headway/protocol';
import { sampleDone, samplePrefill, sampleSpan } from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

import type { ProgressDialects } from './progress-dialects.ts';
import { ProgressMessages } from './progress-messages.ts';

const messages = (dialects: Partial<ProgressDialects>) =>
  new ProgressMessages({
    dialects: { llamaCpp: false, named: false, comment: false, swiftLm: false, ...dialects },
    id: 'g',
    model: 'a "model"\n',
    withLlamaProgress: (progress) => ({ data: JSON.stringify({ prompt_progress: progress }) }),
    withNamedProgress: (progress) => ({ choices: [], ...progress }),
  });

const tokens = { cached: 10, total: 30 };
const life = [
  samplePrefill({ ...tokens, phase: 'queued', queuePosition: 2, processed: 10, elapsedMs: 1 }),
  samplePrefill({ ...tokens, phase: 'queued', queuePosition: 1, processed: 10, elapsedMs: 500 }),
  samplePrefill({ phase: 'loading', processed: null, cached: null, total: null, elapsedMs: 800 }),
  samplePrefill({ ...tokens, processed: 10, elapsedMs: 1000 }),
  samplePrefill({ ...tokens, processed: 20, elapsedMs: 1500, tokensPerSecond: 20, etaMs: 500 }),
  samplePrefill({ ...tokens, processed: 30, elapsedMs: 2000, tokensPerSecond: 20, etaMs: 0 }),
];

function sent(dialects: Partial<ProgressDialects>, events = life) {
  const writer = messages(dialects);
  return events.flatMap((event) => writer.of(event));
}

const dataOf = (dialects: Partial<ProgressDialects>, events = life) =>
  sent(dialects, events).map((message) => ('data' in message ? (JSON.parse(message.data) as unknown) : message));

test('a client that asks for no progress dialect gets no progress messages', () => {
  expect(sent({})).toEqual([]);
  expect(messages({}).atEnd(sampleDone())).toEqual([]);
});

test("llama.cpp's progress has queue_position while queued", () => {
  expect(dataOf({ llamaCpp: true })).toEqual(
    [
      { total: 30, cache: 10, processed: 10, time_ms: 0, queue_position: 2 },
      { total: 30, cache: 10, processed: 10, time_ms: 0, queue_position: 1 },
      { total: 30, cache: 10, processed: 10, time_ms: 0 },
      { total: 30, cache: 10, processed: 20, time_ms: 500 },
      { total: 30, cache: 10, processed: 30, time_ms: 1000 },
    ].map((progress) => ({ prompt_progress: progress })),
  );
});

test("a named event has the protocol's fields, exo's names and the API's own fields", () => {
  const events = sent({ named: true });
  expect(events.every((message) => 'event' in message && message.event === 'prefill_progress')).toBe(true);
  const all = dataOf({ named: true });
  expect(all).toHaveLength(life.length);
  expect(all[1]).toEqual({
    choices: [],
    phase: 'queued',
    queuePosition: 1,
    processed: 10,
    cached: 10,
    total: 30,
    elapsedMs: 500,
    tokensPerSecond: null,
    etaMs: null,
    estimated: false,
    command_id: 'g',
    processed_tokens: 10,
    total_tokens: 30,
  });
  expect(all[2]).toMatchObject({ phase: 'loading', processed: null, total_tokens: null });
  expect(all[4]).toMatchObject({ phase: 'prefill', queuePosition: null, processed: 20, etaMs: 500 });
});

test("exo's progress is one comment line each, and its statistics follow the last choice's end", () => {
  const model = 'a "model"\n';
  const comments = sent({ comment: true }).map((message) => ('comment' in message ? message.comment : ''));
  expect(comments.every((comment) => comment.startsWith('prefill_progress ') && !comment.includes('\n'))).toBe(true);
  expect(comments.map((comment) => JSON.parse(comment.slice('prefill_progress '.length)) as unknown)).toEqual(
    [
      { model, processed_tokens: 10, total_tokens: 30, queue_position: 2 },
      { model, processed_tokens: 10, total_tokens: 30, queue_position: 1 },
      { model, processed_tokens: 10, total_tokens: 30 },
      { model, processed_tokens: 20, total_tokens: 30 },
      { model, processed_tokens: 30, total_tokens: 30 },
    ].map((chunk) => ({ PrefillProgressChunk: chunk })),
  );
  const writer = messages({ comment: true });
  expect(writer.atEnd(sampleDone({ remaining: 1 }))).toEqual([]);
  const [end] = writer.atEnd(
    sampleDone({ index: 1, usage: { promptTokens: 10, cachedTokens: 4, completionTokens: 5 } }),
  );
  expect(end).toEqual({
    comment: `generation_stats ${JSON.stringify({
      prompt_tps: 1000,
      generation_tps: 100,
      prompt_tokens: 10,
      generation_tokens: 6,
      peak_memory_usage: null,
      prefix_cache_hit: 'partial',
    })}`,
  });
});

test.each([
  [0, 10, 'none'],
  [1, 10, 'partial'],
  [8, 10, 'partial'],
  [9, 10, 'exact'],
  [0, 1, 'none'],
])('%i of %i cached tokens are the prefix_cache_hit %s', (cachedTokens, promptTokens, hit) => {
  const [end] = messages({ comment: true }).atEnd(
    sampleDone({ usage: { promptTokens, cachedTokens, completionTokens: 1 } }),
  );
  expect(JSON.stringify(end)).toContain(`prefix_cache_hit\\":\\"${hit}\\"`);
});

test("SwiftLM's progress is a short event named prefill_progress", () => {
  expect(sent({ swiftLm: true })[0]).toMatchObject({ event: 'prefill_progress' });
  expect(dataOf({ swiftLm: true })).toEqual([
    { status: 'queued', n_past: 10, n_prompt_tokens: 30, fraction: 1 / 3, elapsed_seconds: 0.001, queue_position: 2 },
    { status: 'queued', n_past: 10, n_prompt_tokens: 30, fraction: 1 / 3, elapsed_seconds: 0.5, queue_position: 1 },
    { status: 'processing', n_past: 10, n_prompt_tokens: 30, fraction: 1 / 3, elapsed_seconds: 1 },
    { status: 'processing', n_past: 20, n_prompt_tokens: 30, fraction: 2 / 3, elapsed_seconds: 1.5 },
    { status: 'processing', n_past: 30, n_prompt_tokens: 30, fraction: 1, elapsed_seconds: 2 },
  ]);
});

describe('a viewer that missed the start of the prefill', () => {
  const late = [
    samplePrefill({ ...tokens, processed: 20, elapsedMs: 1500, tokensPerSecond: 20 }),
    samplePrefill({ ...tokens, processed: 30, elapsedMs: 2000, tokensPerSecond: 20 }),
  ];

  test('still gets an event with processed = cached first', () => {
    expect(dataOf({ llamaCpp: true }, late)).toEqual(
      [
        { total: 30, cache: 10, processed: 10, time_ms: 0 },
        { total: 30, cache: 10, processed: 20, time_ms: 500 },
        { total: 30, cache: 10, processed: 30, time_ms: 1000 },
      ].map((progress) => ({ prompt_progress: progress })),
    );
    expect(dataOf({ named: true }, late)[0]).toMatchObject({ processed: 10, elapsedMs: 1000, tokensPerSecond: null });
  });

  test('gets that event also when the prefill speed is unknown', () => {
    const [first] = dataOf({ named: true }, [samplePrefill({ ...tokens, processed: 30, elapsedMs: 7 })]);
    expect(first).toMatchObject({ processed: 10, elapsedMs: 7 });
  });
});

test('all progress dialects can be sent at once', () => {
  const all = sent({ llamaCpp: true, named: true, comment: true, swiftLm: true });
  // Only the named dialect reports that the model loads.
  expect(all).toHaveLength(5 * 4 + 1);
});

describe('a request with spans', () => {
  const spans = [
    { number: 1, of: 2, name: 'a.txt', cached: 10, total: 15 },
    { number: 2, of: 2, name: 'b\n.txt', total: 12 },
  ];
  const spanned = [
    samplePrefill({ ...tokens, processed: 10, elapsedMs: 1000 }),
    sampleSpan({ ...spans[0], processed: 10 }),
    sampleSpan({ ...spans[1], processed: 0 }),
    sampleSpan({ ...spans[0], processed: 15 }),
    sampleSpan({ ...spans[1], processed: 5 }),
    samplePrefill({ ...tokens, processed: 20, elapsedMs: 1500 }),
    sampleSpan({ ...spans[1], processed: 12 }),
    samplePrefill({ ...tokens, processed: 30, elapsedMs: 2000 }),
  ];
  const dataFor = (dialects: Partial<ProgressDialects>, events: (PrefillEvent | SpanEvent)[] = spanned) => {
    const writer = messages(dialects);
    const all = events.flatMap((event) => (event.type === 'span' ? writer.ofSpan(event) : writer.of(event)));
    return all.map((one) => ('comment' in one ? one.comment : (JSON.parse(one.data) as unknown)));
  };

  test('has the one that is being read in llama.cpp chunks, from the start', () => {
    const told = (processed: number, time_ms: number, span?: object) => ({
      prompt_progress: { total: 30, cache: 10, processed, time_ms, ...(span && { span }) },
    });
    expect(dataFor({ llamaCpp: true })).toEqual([
      told(10, 0),
      told(10, 0, { name: 'a.txt', number: 1, of: 2, total: 15, cache: 10, processed: 10 }),
      told(20, 500, { name: 'b\n.txt', number: 2, of: 2, total: 12, cache: 0, processed: 5 }),
      told(30, 1000),
    ]);
  });

  test("has it in the other dialects in their own fields' words", () => {
    const [, , named] = dataFor({ named: true });
    const span = { name: 'b\n.txt', number: 2, of: 2, processed: 5, cached: 0, total: 12 };
    expect(named).toMatchObject({ processed: 20, span });
    const [, , swiftLm] = dataFor({ swiftLm: true });
    expect(swiftLm).toMatchObject({ span: { name: 'b\n.txt', number: 2, of: 2, n_past: 5, n_prompt_tokens: 12 } });
    const [, , comment] = dataFor({ comment: true });
    expect(comment).not.toContain('\n');
    expect(JSON.parse(String(comment).replace('prefill_progress ', ''))).toMatchObject({
      PrefillProgressChunk: { span: { name: 'b\n.txt', number: 2, of: 2, processed_tokens: 5, total_tokens: 12 } },
    });
  });

  test('a viewer that comes late gets no span with the start that it missed', () => {
    const late = dataFor({ named: true }, spanned.slice(3));
    expect(late).toHaveLength(3);
    expect(late[0]).not.toHaveProperty('span');
    expect(late[1]).toMatchObject({ processed: 20, span: { name: 'b\n.txt', processed: 5 } });
  });

  test('a client that asks for no progress gets nothing', () => {
    expect(dataFor({})).toEqual([]);
  });
});
