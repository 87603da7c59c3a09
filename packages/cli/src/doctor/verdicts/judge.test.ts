import { describe, expect, test } from 'vitest';

import { streamItems } from '../streams/stream-items.ts';
import type { SurfaceId } from '../streams/surfaces.ts';
import { clientKindIds, clientKinds, type ClientKindId } from './client-kinds.ts';
import { judge } from './judge.ts';

/** The verdict of each kind of client that uses this surface. */
function takenBy(surface: SurfaceId, stream: string) {
  const kinds = clientKindIds.filter((id) => (clientKinds[id].surfaces as readonly SurfaceId[]).includes(surface));
  return Object.fromEntries(kinds.map((id) => [id, judge(clientKinds[id], surface, streamItems(stream)).takes]));
}

const verdictOf = (client: ClientKindId, surface: SurfaceId, stream: string) =>
  judge(clientKinds[client], surface, streamItems(stream));

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const named = (name: string, value: unknown) => `event: ${name}\n${data(value)}`;

const keepAlive = ': keep-alive\n\n';
const answer = `${data({ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] })}${data({
  choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
})}data: [DONE]\n\n`;

const progress = { phase: 'prefill', processed: 10, cached: 10, total: 30 };

describe('on /v1/chat/completions', () => {
  test('a stream without progress is text for every client', () => {
    expect(new Set(Object.values(takenBy('chat', keepAlive + answer)))).toEqual(new Set(['text']));
  });

  test("llama.cpp's chunks reach clients that read raw chunks", () => {
    const chunk = data({ choices: [], prompt_progress: { total: 30, cache: 10, processed: 10, time_ms: 0 } });
    expect(takenBy('chat', keepAlive + chunk + answer)).toEqual({
      raw: 'progress',
      'openai-js': 'progress',
      'openai-python': 'progress',
      'ai-sdk': 'progress',
      'llama.cpp': 'progress',
      exo: 'text',
      swiftlm: 'text',
    });
  });

  test('a named event with choices is a chunk for SDKs', () => {
    expect(takenBy('chat', named('prefill_progress', { choices: [], ...progress }) + answer)).toEqual({
      raw: 'progress',
      'openai-js': 'progress',
      'openai-python': 'progress',
      'ai-sdk': 'progress',
      'llama.cpp': 'text',
      exo: 'text',
      swiftlm: 'text',
    });
  });

  test('a named event without choices, as exo first published it, breaks SDKs', () => {
    expect(takenBy('chat', named('prefill_progress', progress) + answer)).toMatchObject({
      raw: 'progress',
      'openai-js': 'breaks',
      'openai-python': 'breaks',
      'ai-sdk': 'breaks',
    });
  });

  test("SwiftLM's lean event breaks SDKs, and says which event it was", () => {
    const lean = named('prefill_progress', { status: 'processing', n_past: 10, n_prompt_tokens: 30, fraction: 1 / 3 });
    expect(takenBy('chat', lean + answer)).toEqual({
      raw: 'progress',
      'openai-js': 'breaks',
      'openai-python': 'breaks',
      'ai-sdk': 'breaks',
      'llama.cpp': 'breaks',
      exo: 'text',
      swiftlm: 'progress',
    });
    expect(verdictOf('openai-js', 'chat', lean + answer).why).toBe('the event prefill_progress has no choices');
  });

  test("exo's comments reach clients that read comments, and break none", () => {
    const line = { PrefillProgressChunk: { model: 'm', processed_tokens: 10, total_tokens: 30 } };
    expect(takenBy('chat', `: prefill_progress ${JSON.stringify(line)}\n\n${answer}`)).toEqual({
      raw: 'progress',
      'openai-js': 'text',
      'openai-python': 'text',
      'ai-sdk': 'text',
      'llama.cpp': 'text',
      exo: 'progress',
      swiftlm: 'text',
    });
  });

  test('a comment behind an id: line breaks openai for Python alone', () => {
    const taken = takenBy('chat', `id: 1\n${answer}${keepAlive}`);
    expect(Object.entries(taken).filter(([, takes]) => takes === 'breaks')).toEqual([['openai-python', 'breaks']]);
    expect(takenBy('chat', `${keepAlive}id: 1\n${answer}`)['openai-python']).toBe('text');
    expect(takenBy('chat', `id: 1\n${answer}`)['openai-python']).toBe('text');
  });

  test('data that is not JSON breaks SDKs', () => {
    expect(verdictOf('ai-sdk', 'chat', `data: hello\n\n${answer}`)).toEqual({
      takes: 'breaks',
      why: 'an event is not a JSON object',
    });
  });

  test('a queue position alone does not count as progress', () => {
    const queued = data({ choices: [], prompt_progress: { total: 30, cache: 0, processed: 0, queue_position: 2 } });
    expect(takenBy('chat', queued + answer)).toMatchObject({ raw: 'text', 'llama.cpp': 'text' });
  });
});

describe('on /v1/responses', () => {
  const event = (type: string, fields: object = {}) => named(type, { type, ...fields });
  const created = event('response.created');
  const end = event('response.completed');

  test('progress on an event of the API reaches all SDKs', () => {
    const reading = event('response.in_progress', { prompt_progress: { total: 30, cache: 10, processed: 10 } });
    expect(takenBy('responses', created + reading + end)).toEqual({
      raw: 'progress',
      'openai-js': 'progress',
      'openai-python': 'progress',
      'ai-sdk': 'progress',
      exo: 'text',
    });
  });

  test('an unknown type breaks openai for JavaScript, which has no case for it', () => {
    const unknownType = named('prefill_progress', { type: 'prefill_progress', ...progress });
    expect(takenBy('responses', created + unknownType + end)).toMatchObject({
      raw: 'progress',
      'openai-js': 'breaks',
      'openai-python': 'progress',
      'ai-sdk': 'progress',
    });
  });

  test('an event without a type breaks all but openai for Python, which accepts it', () => {
    const withoutType = named('prefill_progress', progress);
    expect(takenBy('responses', created + withoutType + end)).toMatchObject({
      raw: 'progress',
      'openai-js': 'breaks',
      'openai-python': 'progress',
      'ai-sdk': 'breaks',
    });
  });

  test('a stream that does not begin with response.created breaks openai for Python', () => {
    expect(verdictOf('openai-python', 'responses', event('response.in_progress') + created + end).takes).toBe('breaks');
  });
});

describe('on /v1/messages', () => {
  const event = (type: string) => named(type, { type });
  const stream = (extra: string) => `${event('message_start')}${event('ping')}${extra}${event('message_stop')}`;

  test('an event of another name is progress, text or an exception, by client', () => {
    expect(takenBy('messages', stream(named('prefill_progress', { type: 'prefill_progress', ...progress })))).toEqual({
      raw: 'progress',
      'ai-sdk-anthropic': 'breaks',
      'anthropic-js': 'progress',
      'anthropic-python': 'text',
      exo: 'text',
    });
  });

  test('a stream without such an event is text for all clients', () => {
    expect(new Set(Object.values(takenBy('messages', stream(''))))).toEqual(new Set(['text']));
  });
});
