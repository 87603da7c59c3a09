import { HeadwayError, type GenerationEvent } from '@headway/protocol';
import { sampleDone, sampleError, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { describe, expect, test } from 'vitest';

import type { SseMessage } from '../../sse/sse-message.ts';
import { anthropicNames } from './anthropic-names.ts';
import { MessageEvents, type MessageEventsOptions } from './message-events.ts';

const silent = { llamaCpp: false, named: false, comment: false, swiftLm: false };

function eventsOf(options: Partial<MessageEventsOptions> = {}) {
  const asked = { requestId: 'req_1', names: anthropicNames, thinking: 'all', progress: silent } as const;
  return new MessageEvents({ id: 'g', model: 'm', ...asked, ...options });
}

/** The data of events; checks that each event's name is its type. */
function dataOf(messages: readonly SseMessage[]): object[] {
  return messages.flatMap((message) => {
    if ('comment' in message) return [];
    const data = JSON.parse(message.data) as { type: string };
    expect(message.event).toBe(data.type);
    return data;
  });
}

function dataFor(events: readonly GenerationEvent[], options: Partial<MessageEventsOptions> = {}) {
  const dialect = eventsOf(options);
  return dataOf([...dialect.opening(), ...events.flatMap((one) => dialect.of(one)), ...dialect.closing()]);
}

const types = (events: object[]) => events.map((event) => (event as { type: string }).type);
const reading = samplePrefill({ total: 30, cached: 10, processed: 10 });
const read = samplePrefill({ total: 30, cached: 10, processed: 30, elapsedMs: 20 });
const usage = { promptTokens: 30, cachedTokens: 10, completionTokens: 2 };
const thought = (text: string) => sampleToken({ text, channel: 'reasoning' });
const argument = (text: string, index = 0) =>
  sampleToken({ text, channel: 'tool-call', toolCall: { index, id: `call_${index}`, name: 'weather' } });

test('a message streams from message_start to message_stop', () => {
  const data = dataFor([
    reading,
    read,
    sampleToken({ text: 'Hel' }),
    sampleToken({ text: '' }),
    sampleToken({ text: 'lo' }),
    sampleDone({ usage }),
  ]);
  expect(data).toEqual([
    {
      type: 'message_start',
      message: {
        id: 'msg_g',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        container: null,
        diagnostics: null,
        usage: {
          input_tokens: 20,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 10,
          output_tokens: 0,
          output_tokens_details: null,
          server_tool_use: null,
          cache_creation: null,
          inference_geo: null,
          service_tier: null,
          speed: null,
        },
      },
    },
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hel' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'lo' } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null, container: null },
      usage: {
        input_tokens: 20,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 10,
        output_tokens: 2,
        output_tokens_details: { thinking_tokens: 0 },
        server_tool_use: null,
      },
    },
    { type: 'message_stop' },
  ]);
});

test.each([
  ['stop', 'end_turn'],
  ['length', 'max_tokens'],
  ['tool-calls', 'tool_use'],
] as const)('the finish reason %s becomes the stop_reason %s', (finishReason, stop_reason) => {
  expect(dataFor([reading, sampleDone({ finishReason })])).toContainEqual(
    expect.objectContaining({ type: 'message_delta', delta: expect.objectContaining({ stop_reason }) }),
  );
});

test('a message that a stop sequence ends names it', () => {
  expect(dataFor([reading, sampleDone({ stopString: 'END' })])).toContainEqual(
    expect.objectContaining({
      type: 'message_delta',
      delta: expect.objectContaining({ stop_reason: 'stop_sequence', stop_sequence: 'END' }),
    }),
  );
});

describe('message_start', () => {
  const loading = samplePrefill({ phase: 'loading', processed: null, cached: null, total: null });
  const queued = samplePrefill({ phase: 'queued', queuePosition: 2, processed: 10, cached: 10, total: 30 });

  test.each<[string, GenerationEvent, number]>([
    ['queued', queued, 20],
    ['the model loads', loading, 0],
    ['read', reading, 20],
  ])('comes with the first event and its usage so far when %s', (_phase, first, input_tokens) => {
    const data = dataOf(eventsOf().of(first));
    expect(types(data)).toEqual(['message_start', 'ping']);
    expect(data[0]).toMatchObject({ message: { usage: { input_tokens } } });
  });

  test('is followed by at most one ping a second while queued and during prefill', () => {
    const dialect = eventsOf();
    const pings = (elapsedMs: number, event: GenerationEvent) =>
      dialect.of({ ...event, elapsedMs } as GenerationEvent).length;
    expect(pings(0, queued)).toBe(2);
    expect([
      pings(500, queued),
      pings(1000, queued),
      pings(1900, reading),
      pings(2000, reading),
      pings(2500, read),
    ]).toEqual([0, 1, 0, 1, 0]);
  });
});

describe('content blocks', () => {
  test('for reasoning, text and calls come one after another, each with its index', () => {
    const data = dataFor([
      reading,
      thought('hm'),
      thought(' so'),
      sampleToken({ text: 'Let me see.' }),
      argument(''),
      argument('{"a":'),
      argument('1}'),
      argument('{}', 1),
      sampleDone({ finishReason: 'tool-calls' }),
    ]);
    expect(data.slice(2, -2)).toEqual([
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: ' so' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'unsigned' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '', citations: null } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Let me see.' } },
      { type: 'content_block_stop', index: 1 },
      {
        type: 'content_block_start',
        index: 2,
        content_block: { type: 'tool_use', id: 'call_0', name: 'weather', input: {}, caller: { type: 'direct' } },
      },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '1}' } },
      { type: 'content_block_stop', index: 2 },
      {
        type: 'content_block_start',
        index: 3,
        content_block: { type: 'tool_use', id: 'call_1', name: 'weather', input: {}, caller: { type: 'direct' } },
      },
      { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '{}' } },
      { type: 'content_block_stop', index: 3 },
    ]);
  });

  test('include a call that no token streamed', () => {
    const toolCalls = [
      { id: 'call_0', name: 'weather', arguments: '{}' },
      { id: 'call_1', name: 'now', arguments: '' },
    ];
    const data = dataFor([reading, argument('{}'), sampleDone({ finishReason: 'tool-calls', toolCalls })]);
    expect(types(data)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(data[5]).toMatchObject({
      index: 1,
      content_block: { type: 'tool_use', id: 'call_1', name: 'now', input: {} },
    });
  });

  test('leave out hidden reasoning, and the usage counts it', () => {
    const data = dataFor([reading, thought('hm'), sampleToken({ text: 'x' }), sampleDone()], { thinking: 'none' });
    expect(JSON.stringify(data)).not.toContain('hm');
    expect(data[2]).toMatchObject({ type: 'content_block_start', index: 0, content_block: { type: 'text' } });
    expect(data.at(-2)).toMatchObject({ usage: { output_tokens_details: { thinking_tokens: 1 } } });
  });

  test('have an empty thinking block if the text of reasoning is omitted', () => {
    const data = dataFor([reading, thought('hm'), sampleToken({ text: 'x' }), sampleDone()], { thinking: 'omitted' });
    expect(data.slice(2, 5)).toEqual([
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'unsigned' } },
      { type: 'content_block_stop', index: 0 },
    ]);
  });

  test('are missing in an empty answer', () => {
    expect(types(dataFor([reading, sampleDone()]))).toEqual(['message_start', 'ping', 'message_delta', 'message_stop']);
  });
});

describe('progress in a stream of Anthropic’s API', () => {
  const queued = samplePrefill({ phase: 'queued', queuePosition: 1, processed: 10, cached: 10, total: 30 });
  const life = [queued, reading, read, sampleToken(), sampleDone()];

  test('is not sent unless the client asks for it', () => {
    expect(types(dataFor(life))).not.toContain('prefill_progress');
  });

  test.each(['named', 'llamaCpp'] as const)(
    'in the dialect %s comes as prefill_progress events, from the queue to the first token',
    (asked) => {
      const data = dataFor(life, { progress: { ...silent, [asked]: true } });
      expect(types(data).slice(0, 6)).toEqual([
        'message_start',
        'ping',
        'prefill_progress',
        'prefill_progress',
        'prefill_progress',
        'content_block_start',
      ]);
      expect(data.slice(2, 5)).toMatchObject([
        { phase: 'queued', queuePosition: 1, total: 30 },
        { phase: 'prefill', queuePosition: null, processed: 10, cached: 10, total: 30 },
        { phase: 'prefill', processed: 30, total: 30 },
      ]);
    },
  );

  test('in the dialect comment comes as comment lines', () => {
    const dialect = eventsOf({ progress: { ...silent, comment: true } });
    const comments = life.flatMap((one) => dialect.of(one)).filter((message) => 'comment' in message);
    expect(comments).toHaveLength(4);
    expect(comments[1]).toMatchObject({
      comment: expect.stringMatching(/^prefill_progress \{.*"processed_tokens":10/),
    });
  });
});

describe('a stream of Anthropic’s API that fails', () => {
  test('sends an error with the request id', () => {
    const failed = sampleError({ code: 'queue-timeout', message: 'waited too long' });
    expect(dataOf(eventsOf().of(failed))).toEqual([
      {
        type: 'error',
        error: { type: 'overloaded_error', message: 'waited too long', details: { error_code: 'queue-timeout' } },
        request_id: 'req_1',
      },
    ]);
  });

  test('sends an error when another viewer cancels it', () => {
    const data = dataOf(eventsOf().of(sampleDone({ finishReason: 'cancelled' })));
    expect(data).toMatchObject([{ type: 'error', error: { type: 'api_error', details: { error_code: 'cancelled' } } }]);
  });

  test('sends an error when the stream ends before its generation', () => {
    const data = dataOf(eventsOf().failure(new HeadwayError('slow-consumer', 'read faster')));
    expect(data).toMatchObject([{ type: 'error', error: { details: { error_code: 'slow-consumer' } } }]);
  });
});
