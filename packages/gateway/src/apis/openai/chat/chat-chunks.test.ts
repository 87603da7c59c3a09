import type { GenerationEvent } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import type { SseMessage } from '../../../sse/sse-message.ts';
import { chatNames } from '../chat-names.ts';
import { ChatChunks } from './chat-chunks.ts';
import type { ChunkOptions } from '../chunk-options.ts';
import { systemFingerprint, timingsOf } from '../completion-parts.ts';

const every = { index: 0, elapsedMs: 0, tokensPerSecond: null, etaMs: null, estimated: false };
const prefill = (phase: 'queued' | 'loading' | 'prefill', processed: number, elapsedMs: number): GenerationEvent => ({
  ...every,
  type: 'prefill',
  seq: 0,
  phase,
  queuePosition: phase === 'queued' ? 1 : null,
  processed,
  cached: 10,
  total: 30,
  elapsedMs,
});
const token = (text: string): GenerationEvent => ({
  type: 'token',
  seq: 1,
  index: 0,
  text,
  count: 1,
  completionTokens: 1,
  tokensPerSecond: 10,
  channel: 'content',
});
const usage = { promptTokens: 30, cachedTokens: 10, completionTokens: 2 };
const timings = {
  queuedMs: 5,
  prefillMs: 40,
  decodeMs: 20,
  timeToFirstTokenMs: 50,
  prefillTokensPerSecond: 500,
  decodeTokensPerSecond: 100,
};
const done = (finishReason: 'stop' | 'length' | 'tool-calls' | 'cancelled'): GenerationEvent => ({
  type: 'done',
  id: 'g',
  seq: 9,
  index: 0,
  usage,
  remaining: 0,
  finishReason,
  timings,
  toolCalls: [],
});
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

function messagesOf(events: readonly GenerationEvent[], options: Partial<ChunkOptions> = {}): SseMessage[] {
  const chunks = new ChatChunks({
    names: chatNames,
    choices: 1,
    id: 'g',
    model: 'm',
    created: 1,
    includeUsage: false,
    timingsPerToken: false,
    progress: silence,
    ...options,
  });
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

test('role first and once, contents, a finish reason last', () => {
  expect(chunksOf(life)).toEqual([
    { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: null }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: { content: 'lo' }, finish_reason: null }] },
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], timings: expect.any(Object) },
  ]);
});

test('progress as llama.cpp reports it, and the role still first and once', () => {
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

test('usage comes last when it is asked for, with the timings, and is null before', () => {
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

test("timings are llama.cpp's, and never NaN", () => {
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
] as const)('%s finishes as %s', (reason, finish) => {
  expect(chunksOf([done(reason)]).at(-1)?.choices[0]?.finish_reason).toBe(finish);
});

test('a choice that was cancelled ends in an error: nobody here asked for that', () => {
  expect(chunksOf([done('cancelled')]).at(-1)).toEqual({
    error: expect.objectContaining({ code: 'cancelled', type: 'server_error', param: null }),
  });
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

  test('come with their tokens, also those that say nothing yet', () => {
    const choices = chunksOf([token('é'), token('')].map(withLogprobs)).map(({ choices: [choice] }) => choice);
    expect(choices.slice(1)).toEqual([
      { index: 0, delta: { content: 'é' }, logprobs: shaped, finish_reason: null },
      { index: 0, delta: { content: '' }, logprobs: shaped, finish_reason: null },
    ]);
  });

  test('are those of the content alone', () => {
    const reasoning = { ...token('hm'), channel: 'reasoning' } as GenerationEvent;
    expect(chunksOf([withLogprobs(reasoning)])[1]?.choices[0]).not.toHaveProperty('logprobs');
  });

  test.each([{}, llamaCpp])('never come with the first chunk of a choice, in the mode %j', (options) => {
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

test('timings_per_token tells of each token how it went so far', () => {
  const chunks = chunksOf(life, { timingsPerToken: true });
  expect(chunks.filter(({ choices }) => choices[0]?.delta.content).map((chunk) => chunk.timings)).toEqual(
    Array.from({ length: 2 }, () =>
      timingsOf({ promptTokens: 30, cachedTokens: 10, completionTokens: 1 }, { prefillMs: 40, decodeMs: 0 }),
    ),
  );
});

test('a heartbeat, a named event and the usage are chunks without choices', () => {
  const chunks = new ChatChunks({
    names: chatNames,
    choices: 1,
    id: 'g',
    model: 'm',
    created: 1,
    includeUsage: true,
    timingsPerToken: false,
    progress: { ...silence, named: true },
  });
  expect(chunks.heartbeat()).toEqual({ data: JSON.stringify({ ...head, choices: [], usage: null }) });
  const [named] = chunks.of(prefill('loading', 0, 0));
  expect(named).toMatchObject({ event: 'prefill_progress' });
  expect(named && 'data' in named && JSON.parse(named.data)).toMatchObject({ ...head, choices: [], phase: 'loading' });
});

describe('other channels', () => {
  test('reasoning is counted apart in the usage', () => {
    const reasoning = { ...token('hm'), channel: 'reasoning', count: 2 } as GenerationEvent;
    expect(chunksOf([reasoning, done('stop')], { includeUsage: true }).at(-1)?.usage).toMatchObject({
      completion_tokens: 2,
      completion_tokens_details: { reasoning_tokens: 2 },
    });
  });

  test('a call of which no token told comes whole, before the end', () => {
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

  test('reasoning has a field of its own', () => {
    expect(chunksOf([{ ...token('hm'), channel: 'reasoning' } as GenerationEvent])[1]?.choices[0]?.delta).toEqual({
      reasoning_content: 'hm',
    });
  });

  test('a tool call is named once; then only its arguments grow', () => {
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

test("a failure on the way is OpenAI's error", () => {
  const error: GenerationEvent = {
    type: 'error',
    id: 'g',
    seq: 2,
    index: 0,
    usage,
    remaining: 0,
    code: 'engine-crashed',
    message: 'gone',
    retryable: true,
  };
  expect(chunksOf([error]).at(-1)).toEqual({
    error: { message: 'gone', type: 'server_error', param: null, code: 'engine-crashed' },
  });
});

test('several choices each have their index, role and end; the usage of all comes once', () => {
  const done = (index: number, remaining: number): GenerationEvent => ({
    ...every,
    type: 'done',
    id: 'g',
    seq: 9,
    index,
    finishReason: 'stop',
    usage,
    timings,
    toolCalls: [],
    remaining,
  });
  const said = chunksOf([token('a'), { ...token('b'), index: 1 }, done(1, 1), token('c'), done(0, 0)], {
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
