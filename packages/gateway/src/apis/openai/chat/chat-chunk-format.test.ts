import type { FinishReason, GenerationEvent } from '@headway/protocol';
import { sampleDone, sampleError, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

import type { SseMessage } from '../../../sse/sse-message.ts';
import { ChatChunkFormat } from './chat-chunk-format.ts';
import { chatNames } from '../chat-names.ts';
import { ChunkStream } from '../chunk-stream.ts';
import type { ChunkOptions } from '../chunk-options.ts';
import { systemFingerprint, timingsOf } from '../completion-parts.ts';

const prefill = (phase: 'queued' | 'loading' | 'prefill', processed: number, elapsedMs: number) =>
  samplePrefill({ phase, queuePosition: phase === 'queued' ? 1 : null, processed, cached: 10, total: 30, elapsedMs });
const token = (text: string): GenerationEvent => sampleToken({ text });
const usage = { promptTokens: 30, cachedTokens: 10, completionTokens: 2 };
const timings = {
  queuedMs: 5,
  prefillMs: 40,
  decodeMs: 20,
  timeToFirstTokenMs: 50,
  prefillTokensPerSecond: 500,
  decodeTokensPerSecond: 100,
};
const done = (finishReason: FinishReason): GenerationEvent => sampleDone({ usage, finishReason, timings });
const life = [
  prefill('queued', 10, 0),
  prefill('prefill', 10, 100),
  prefill('prefill', 20, 120),
  prefill('prefill', 30, 140),
  token('Hel'),
  token(''),
  token('lo'),
  done('stop'),
];

const silence = { llamaCpp: false, named: false, comment: false, swiftLm: false };
const llamaCpp = { progress: { ...silence, llamaCpp: true } };

function streamOf(changes: Partial<ChunkOptions>): ChunkStream {
  const options = {
    names: chatNames,
    choices: 1,
    id: 'g',
    model: 'm',
    created: 1,
    includeUsage: false,
    timingsPerToken: false,
    progress: silence,
    ...changes,
  };
  return new ChunkStream(options, new ChatChunkFormat(options));
}

function messagesOf(events: readonly GenerationEvent[], options: Partial<ChunkOptions> = {}): SseMessage[] {
  const chunks = streamOf(options);
  return [...chunks.opening(), ...events.flatMap((event) => chunks.of(event))];
}

function chunksOf(events: readonly GenerationEvent[], options: Partial<ChunkOptions> = {}) {
  return messagesOf(events, options).map((message) => {
    if (!('data' in message)) throw new Error(`a comment came: ${message.comment}`);
    return JSON.parse(message.data) as {
      choices: {
        index: number;
        delta: { role?: string; content?: string | null; tool_calls?: object[] };
        logprobs?: object;
        finish_reason: string | null;
      }[];
      prompt_progress?: object;
      usage?: object | null;
      timings?: object;
      error?: object;
    };
  });
}

const head = {
  id: 'chatcmpl-g',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  system_fingerprint: systemFingerprint,
};

test('a chat stream has the role once in its first chunk, then the text, then a finish reason', () => {
  expect(chunksOf(life)).toEqual([
    { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: { content: 'lo' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], timings: expect.any(Object) },
  ]);
});

test("return_progress adds llama.cpp's prompt_progress chunks, and the first of them has the role", () => {
  const chunks = chunksOf(life, llamaCpp);
  expect(chunks[0]).toEqual({
    ...head,
    choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }],
    prompt_progress: { total: 30, cache: 10, processed: 10, time_ms: 0, queue_position: 1 },
  });
  expect(chunks.flatMap(({ prompt_progress }) => prompt_progress ?? [])).toEqual([
    { total: 30, cache: 10, processed: 10, time_ms: 0, queue_position: 1 },
    { total: 30, cache: 10, processed: 10, time_ms: 0 },
    { total: 30, cache: 10, processed: 20, time_ms: 20 },
    { total: 30, cache: 10, processed: 30, time_ms: 40 },
  ]);
  expect(chunks.filter(({ choices }) => choices[0]?.delta.role !== undefined)).toEqual([chunks[0]]);
});

test('include_usage puts usage and timings into the last chunk and null into the others', () => {
  const chunks = chunksOf(life, { includeUsage: true });
  expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null && !chunk.timings)).toBe(true);
  expect(chunks.at(-1)).toEqual({
    ...head,
    choices: [],
    usage: {
      prompt_tokens: 30,
      completion_tokens: 2,
      total_tokens: 32,
      prompt_tokens_details: { cached_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
    timings: timingsOf(usage, timings),
  });
});

test("timings have llama.cpp's fields, and are 0 instead of NaN where nothing was measured", () => {
  expect(timingsOf(usage, timings)).toEqual({
    cache_n: 10,
    prompt_n: 20,
    prompt_ms: 40,
    prompt_per_token_ms: 2,
    prompt_per_second: 500,
    predicted_n: 2,
    predicted_ms: 20,
    predicted_per_token_ms: 10,
    predicted_per_second: 100,
  });
  const nothing = timingsOf(
    { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
    { ...timings, prefillMs: 0, decodeMs: 0 },
  );
  expect(Object.values(nothing).every((value) => value === 0)).toBe(true);
});

test.each([
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool-calls', 'tool_calls'],
] as const)('the finish reason %s becomes %s', (reason, finish) => {
  expect(chunksOf([done(reason)]).at(-1)?.choices[0]?.finish_reason).toBe(finish);
});

test('a choice that another viewer cancelled ends its stream with an error', () => {
  expect(chunksOf([done('cancelled')]).at(-1)).toEqual({
    error: expect.objectContaining({ code: 'cancelled', type: 'server_error', param: null }),
  });
});

test('one choice that is cancelled ends as one that was cut, and the stream goes on', () => {
  const cancelled = { ...done('cancelled'), index: 1, remaining: 1 } as GenerationEvent;
  const finishes = (...events: GenerationEvent[]) =>
    chunksOf(events).flatMap(({ choices }) =>
      choices.flatMap(({ index, finish_reason: reason }) => (reason ? [[index, reason]] : [])),
    );
  expect(finishes(cancelled, done('stop'))).toEqual([
    [1, 'length'],
    [0, 'stop'],
  ]);
  expect(finishes({ ...done('stop'), index: 1, remaining: 1 } as GenerationEvent, done('cancelled'))).toEqual([
    [1, 'stop'],
    [0, 'length'],
  ]);
  // Every choice was cancelled: that is the generation's end.
  expect(chunksOf([cancelled, done('cancelled')]).at(-1)).toHaveProperty('error.code', 'cancelled');
});

describe('log-probabilities', () => {
  const logprob = { token: 'é', bytes: [195, 169], logprob: -0.5, top: [{ token: 'e', bytes: [101], logprob: -1 }] };
  const shaped = {
    content: [
      {
        token: 'é',
        bytes: [195, 169],
        logprob: -0.5,
        top_logprobs: [{ token: 'e', bytes: [101], logprob: -1 }],
      },
    ],
    refusal: null,
  };
  const withLogprobs = (event: GenerationEvent): GenerationEvent =>
    ({ ...event, logprobs: [logprob] }) as GenerationEvent;

  test('come with their tokens, also with tokens whose text is held back', () => {
    const choices = chunksOf([token('é'), token('')].map(withLogprobs)).map(({ choices: [choice] }) => choice);
    expect(choices.slice(1)).toEqual([
      { index: 0, delta: { content: 'é' }, logprobs: shaped, finish_reason: null },
      { index: 0, delta: { content: '' }, logprobs: shaped, finish_reason: null },
    ]);
  });

  test('are left out of reasoning', () => {
    const reasoning = { ...token('hm'), channel: 'reasoning' } as GenerationEvent;
    expect(chunksOf([withLogprobs(reasoning)])[1]?.choices[0]).not.toHaveProperty('logprobs');
  });

  test.each([{}, llamaCpp])('never come with the first chunk of a choice, with the options %j', (options) => {
    const second = { ...token('b'), index: 1 } as GenerationEvent;
    const chunks = chunksOf([prefill('prefill', 10, 0), token('a'), second].map(withLogprobs), {
      choices: 2,
      ...options,
    });
    for (const index of [0, 1]) {
      const own = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.index === index);
      expect(own.map(({ logprobs }) => logprobs)).toEqual([undefined, shaped]);
      expect(own.map(({ delta }) => delta.role)).toEqual(['assistant', undefined]);
    }
  });
});

test('timings_per_token adds the timings so far to each chunk with text', () => {
  const chunks = chunksOf(life, { timingsPerToken: true });
  expect(chunks.filter(({ choices }) => choices[0]?.delta.content).map((chunk) => chunk.timings)).toEqual(
    Array.from({ length: 2 }, () =>
      timingsOf({ promptTokens: 30, cachedTokens: 10, completionTokens: 1 }, { prefillMs: 40, decodeMs: 0 }),
    ),
  );
});

test('a heartbeat and a named progress event are chunks without choices', () => {
  const chunks = streamOf({ includeUsage: true, progress: { ...silence, named: true } });
  expect(chunks.heartbeat()).toEqual({ data: JSON.stringify({ ...head, choices: [], usage: null }) });
  const [named] = chunks.of(prefill('loading', 0, 0));
  expect(named).toMatchObject({ event: 'prefill_progress' });
  expect(named && 'data' in named && JSON.parse(named.data)).toMatchObject({ ...head, choices: [], phase: 'loading' });
});

describe('reasoning and tool calls in a chat stream', () => {
  test('the usage counts reasoning tokens apart', () => {
    const reasoning = { ...token('hm'), channel: 'reasoning', count: 2 } as GenerationEvent;
    expect(chunksOf([reasoning, done('stop')], { includeUsage: true }).at(-1)?.usage).toMatchObject({
      completion_tokens: 2,
      completion_tokens_details: { reasoning_tokens: 2 },
    });
  });

  test('a call that no token streamed comes whole before the last chunk', () => {
    const end = { ...done('tool-calls'), toolCalls: [{ id: 'c', name: 'f', arguments: '{}' }] } as GenerationEvent;
    expect(chunksOf([end]).map(({ choices }) => choices[0])).toEqual([
      { index: 0, delta: { role: 'assistant', content: null }, finish_reason: null },
      {
        index: 0,
        delta: { tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        finish_reason: null,
      },
      { index: 0, delta: {}, finish_reason: 'tool_calls' },
    ]);
  });

  test('reasoning text comes in reasoning_content', () => {
    expect(chunksOf([{ ...token('hm'), channel: 'reasoning' } as GenerationEvent])[1]?.choices[0]?.delta).toEqual({
      reasoning_content: 'hm',
    });
  });

  test('only the first delta of a tool call has its id and name', () => {
    const call = (text: string, index: number): GenerationEvent =>
      ({ ...token(text), channel: 'tool-call', toolCall: { index, id: `c${index}`, name: 'f' } }) as GenerationEvent;
    const deltas = chunksOf([call('', 0), call('{}', 0), call('[', 1)]).map(({ choices }) => choices[0]?.delta);
    expect(deltas.slice(1)).toEqual([
      { tool_calls: [{ index: 0, id: 'c0', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
      { tool_calls: [{ index: 1, id: 'c1', type: 'function', function: { name: 'f', arguments: '[' } }] },
    ]);
  });
});

test("an error event becomes OpenAI's error", () => {
  expect(chunksOf([sampleError({ code: 'engine-crashed', message: 'gone' })]).at(-1)).toEqual({
    error: { message: 'gone', type: 'server_error', param: null, code: 'engine-crashed' },
  });
});

test('each of several choices has its index, role and finish reason, and one usage sums all of them', () => {
  const endOf = (index: number, remaining: number) => sampleDone({ index, usage, timings, remaining });
  const said = chunksOf([token('a'), { ...token('b'), index: 1 }, endOf(1, 1), token('c'), endOf(0, 0)], {
    choices: 2,
    includeUsage: true,
  });
  expect(said.map(({ choices: [choice] }) => choice)).toEqual([
    { index: 0, delta: { role: 'assistant', content: null }, finish_reason: null },
    { index: 1, delta: { role: 'assistant', content: null }, finish_reason: null },
    { index: 0, delta: { content: 'a' }, finish_reason: null },
    { index: 1, delta: { content: 'b' }, finish_reason: null },
    { index: 1, delta: {}, finish_reason: 'stop' },
    { index: 0, delta: { content: 'c' }, finish_reason: null },
    { index: 0, delta: {}, finish_reason: 'stop' },
    undefined,
  ]);
  expect(said.filter(({ usage: sum }) => sum !== null).map(({ usage: sum }) => sum)).toMatchObject([
    { prompt_tokens: 30, completion_tokens: 4, total_tokens: 34 },
  ]);
});
