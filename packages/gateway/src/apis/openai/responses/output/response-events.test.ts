import {
  errorData,
  fieldError,
  type GenerationEvent,
  HeadwayError,
  type TokenEvent,
  type ToolCallHead,
} from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import type { SseMessage } from '../../../../sse/sse-message.ts';
import { timingsOf } from '../../completion-parts.ts';
import { ResponseEvents } from './response-events.ts';
import { responseNames } from '../input/response-names.ts';

interface Data {
  type: string;
  sequence_number: number;
  delta?: string;
  response?: { status: string; output: object[] };
  [field: string]: unknown;
}

const silent = { llamaCpp: false, named: false, comment: false, swiftLm: false };
const head = { id: 'g', model: 'm', created: 1 };

const eventsOf = (progress: Partial<typeof silent> = {}, request: object = {}) =>
  new ResponseEvents({
    head,
    request: { format: null, ...request },
    names: responseNames(),
    toolNames: new Map(),
    progress: { ...silent, ...progress },
  });

const prefill = (phase: 'queued' | 'prefill', processed: number, elapsedMs: number): GenerationEvent => ({
  type: 'prefill',
  seq: 0,
  index: 0,
  phase,
  queuePosition: phase === 'queued' ? 1 : null,
  processed,
  cached: 10,
  total: 30,
  elapsedMs,
  tokensPerSecond: null,
  etaMs: null,
  estimated: false,
});
const token = (text: string, fields: Partial<TokenEvent> = {}): GenerationEvent => ({
  type: 'token',
  seq: 1,
  index: 0,
  text,
  count: 1,
  completionTokens: 1,
  tokensPerSecond: 10,
  channel: 'content',
  ...fields,
});
const thought = (text: string) => token(text, { channel: 'reasoning', count: 2 });
const piece = (toolCall: ToolCallHead, text: string) => token(text, { channel: 'tool-call', toolCall });
const usage = { promptTokens: 30, cachedTokens: 10, completionTokens: 5 };
const timings = {
  queuedMs: 5,
  prefillMs: 40,
  decodeMs: 20,
  timeToFirstTokenMs: 50,
  prefillTokensPerSecond: 500,
  decodeTokensPerSecond: 100,
};
const done = (finishReason: 'stop' | 'length' | 'tool-calls' | 'cancelled' = 'stop'): GenerationEvent => ({
  type: 'done',
  id: 'g',
  seq: 9,
  index: 0,
  finishReason,
  usage,
  timings,
  toolCalls: [],
  remaining: 0,
});

/** The data of all events; checks that each event's name is its type, and that its number is the next one. */
function dataOf(messages: SseMessage[]): Data[] {
  return messages
    .flatMap((message) => ('comment' in message ? [] : message))
    .map(({ event, data }, at) => {
      const parsed = JSON.parse(data) as Data;
      expect(parsed.sequence_number).toBe(at);
      expect(event).toBe('phase' in parsed ? 'prefill_progress' : parsed.type);
      return parsed;
    });
}

function stream(of: GenerationEvent[], events = eventsOf()): SseMessage[] {
  return [...events.opening(), ...of.flatMap((event) => events.of(event)), ...events.closing()];
}

const typesOf = (data: Data[]) => data.map(({ type }) => type.replace('response.', ''));
const begun = ['created', 'in_progress'];
const text = (deltas: number) => [
  'output_item.added',
  'content_part.added',
  ...Array.from({ length: deltas }, () => 'output_text.delta'),
  'output_text.done',
  'content_part.done',
  'output_item.done',
];

describe('a stream of Responses', () => {
  test('has a message item for text', () => {
    const data = dataOf(stream([prefill('prefill', 30, 9), token('One'), token(' two'), done()]));
    expect(typesOf(data)).toEqual([...begun, ...text(2), 'completed']);
    const message = { id: 'msg_g_0', type: 'message', role: 'assistant' };
    const part = { type: 'output_text', annotations: [], logprobs: [] };
    expect(data[0]).toMatchObject({ response: { id: 'resp_g', status: 'in_progress', output: [], created_at: 1 } });
    expect(data[0]?.response).not.toHaveProperty('usage');
    expect(data[2]).toMatchObject({ output_index: 0, item: { ...message, status: 'in_progress', content: [] } });
    const place = { item_id: 'msg_g_0', output_index: 0, content_index: 0 };
    expect(data[3]).toMatchObject({ ...place, part: { ...part, text: '' } });
    expect(data[4]).toMatchObject({ ...place, delta: 'One', logprobs: [] });
    expect(data[6]).toMatchObject({ ...place, text: 'One two', logprobs: [] });
    expect(data[7]).toMatchObject({ ...place, part: { ...part, text: 'One two' } });
    const item = { ...message, status: 'completed', content: [{ ...part, text: 'One two' }] };
    expect(data[8]).toMatchObject({ output_index: 0, item });
    expect(data[9]?.response).toMatchObject({
      status: 'completed',
      output: [item],
      incomplete_details: null,
      error: null,
      usage: {
        input_tokens: 30,
        input_tokens_details: { cached_tokens: 10 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 35,
      },
      timings: timingsOf(usage, timings),
    });
  });

  test('has an item each for reasoning, text and two calls', () => {
    const [first, second] = [
      { index: 0, id: 'call_a', name: 'f' },
      { index: 1, id: 'call_b', name: 'g' },
    ];
    const data = dataOf(
      stream([
        thought('Hm'),
        thought('.'),
        token('Well.'),
        piece(first, ''),
        piece(first, '{"a":'),
        piece(first, '1}'),
        piece(second, '{}'),
        done('tool-calls'),
      ]),
    );
    const call = (deltas: number) => [
      'output_item.added',
      ...Array.from({ length: deltas }, () => 'function_call_arguments.delta'),
      'function_call_arguments.done',
      'output_item.done',
    ];
    const reasoning = ['reasoning_text.delta', 'reasoning_text.delta', 'reasoning_text.done'];
    expect(typesOf(data)).toEqual([
      ...begun,
      'output_item.added',
      'content_part.added',
      ...reasoning,
      'content_part.done',
      'output_item.done',
      ...text(1),
      ...call(2),
      ...call(1),
      'completed',
    ]);
    expect(data.filter(({ type }) => type.endsWith('arguments.delta'))).toMatchObject([
      { item_id: 'fc_g_2', output_index: 2, delta: '{"a":' },
      { item_id: 'fc_g_2', output_index: 2, delta: '1}' },
      { item_id: 'fc_g_3', output_index: 3, delta: '{}' },
    ]);
    const { output, ...response } = data.at(-1)?.response ?? { output: [] };
    expect(response).toMatchObject({ usage: { output_tokens_details: { reasoning_tokens: 4 } } });
    expect(output).toEqual([
      {
        id: 'rs_g_0',
        type: 'reasoning',
        status: 'completed',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'Hm.' }],
      },
      expect.objectContaining({ id: 'msg_g_1', type: 'message' }),
      {
        id: 'fc_g_2',
        type: 'function_call',
        status: 'completed',
        call_id: 'call_a',
        name: 'f',
        arguments: '{"a":1}',
      },
      { id: 'fc_g_3', type: 'function_call', status: 'completed', call_id: 'call_b', name: 'g', arguments: '{}' },
    ]);
  });

  test('has log-probabilities with the text, also for tokens whose text is held back', () => {
    const bytes = [65];
    const certain = (name: string) => ({ token: name, bytes, logprob: 0, top: [{ token: name, bytes, logprob: 0 }] });
    const logprobOf = (name: string) => ({
      token: name,
      bytes,
      logprob: 0,
      top_logprobs: [{ token: name, bytes, logprob: 0 }],
    });
    const data = dataOf(
      stream([
        token('', { logprobs: [certain('a')] }),
        token('ab', { logprobs: [certain('b')] }),
        token('', { count: 0 }),
        done(),
      ]),
    );
    expect(typesOf(data)).toEqual([...begun, ...text(2), 'completed']);
    expect(data.flatMap(({ delta, logprobs }) => (delta === undefined ? [] : { delta, logprobs }))).toEqual([
      { delta: '', logprobs: [logprobOf('a')] },
      { delta: 'ab', logprobs: [logprobOf('b')] },
    ]);
    expect(data.at(-1)?.response?.output).toMatchObject([
      { content: [{ logprobs: [logprobOf('a'), logprobOf('b')] }] },
    ]);
  });

  test('has a call that only the done event carries', () => {
    const call = { id: 'call_1', name: 'now', arguments: '' };
    const data = dataOf(stream([token('One'), { ...done('tool-calls'), toolCalls: [call] } as GenerationEvent]));
    expect(typesOf(data)).toEqual([
      ...begun,
      ...text(1),
      'output_item.added',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    expect(data.at(-1)?.response?.output).toMatchObject([
      { type: 'message', status: 'completed' },
      { type: 'function_call', status: 'completed', call_id: 'call_1', name: 'now', arguments: '' },
    ]);
  });

  test('is incomplete, as is its last item, when the token limit cuts it', () => {
    const data = dataOf(stream([thought('Hm'), token('One'), done('length')]));
    expect(data.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ status: 'completed' }, { status: 'incomplete' }],
      },
    });
  });

  test('has an empty message for an empty answer', () => {
    const data = dataOf(stream([done()]));
    expect(typesOf(data)).toEqual([...begun, ...text(0), 'completed']);
    expect(data.at(-1)?.response?.output).toMatchObject([{ type: 'message', content: [{ text: '' }] }]);
  });

  test('has the timings so far in each delta with timings_per_token', () => {
    const data = dataOf(
      stream([prefill('prefill', 30, 0), token('One'), done()], eventsOf({}, { timings_per_token: true })),
    );
    expect(data.filter(({ timings: so }) => so).map(({ type }) => type)).toEqual([
      'response.output_text.delta',
      'response.completed',
    ]);
    expect(data.at(-1)?.timings).toEqual(timingsOf(usage, timings));
    expect(data[4]).toMatchObject({ timings: { cache_n: 10, prompt_n: 20, predicted_n: 1 } });
  });
});

describe('a stream of Responses that fails', () => {
  const failed = { type: 'error', id: 'g', seq: 3, index: 0, usage, remaining: 0, retryable: false } as const;

  test('sends response.failed and then an error for SDKs', () => {
    const data = dataOf(stream([token('One'), { ...failed, code: 'engine-crashed', message: 'the engine crashed' }]));
    expect(typesOf(data.slice(-2))).toEqual(['failed', 'error']);
    expect(data.at(-2)?.response).toMatchObject({
      status: 'failed',
      error: { code: 'engine-crashed', message: 'the engine crashed' },
      output: [{ status: 'incomplete', content: [{ text: 'One' }] }],
    });
    const error = { code: 'engine-crashed', message: 'the engine crashed', param: null };
    expect(data.at(-1)).toMatchObject({ ...error, error: { ...error, type: 'server_error' } });
  });

  test('speaks of fields by the names that this API has', () => {
    const issue = { path: ['responseFormat', 'schema', 'pattern'], message: 'is not supported; leave it out' };
    const data = dataOf(stream([{ ...failed, ...errorData(fieldError(issue)) }]));
    expect(data.at(-1)).toMatchObject({
      param: 'text.format.schema.pattern',
      message: 'text.format.schema.pattern: is not supported; leave it out',
    });
  });

  test('reports that another viewer cancelled it', () => {
    const data = dataOf(stream([token('One'), done('cancelled')]));
    expect(data.at(-2)?.response).toMatchObject({ status: 'failed', error: { code: 'cancelled' } });
    expect(data.at(-1)).toMatchObject({ type: 'error', code: 'cancelled' });
  });

  test('reports why the stream ends before its generation', () => {
    const events = eventsOf();
    const data = dataOf([...events.opening(), ...events.failure(new HeadwayError('slow-consumer', 'too slow'))]);
    expect(data.at(-1)).toMatchObject({ type: 'error', code: 'slow-consumer', message: 'too slow' });
  });
});

describe('progress in a stream of Responses', () => {
  const read = [prefill('queued', 10, 0), prefill('prefill', 10, 5), prefill('prefill', 30, 45)];
  const all = [...read, token('One'), done()];

  test('is not sent unless the client asks for it', () => {
    const messages = stream(all);
    expect(typesOf(dataOf(messages))).toEqual([...begun, ...text(1), 'completed']);
    expect(messages.every((message) => 'event' in message)).toBe(true);
  });

  test("in llama.cpp's dialect is a field of response.in_progress", () => {
    const data = dataOf(stream(all, eventsOf({ llamaCpp: true })));
    expect(typesOf(data)).toEqual([...begun, ...read.map(() => 'in_progress'), ...text(1), 'completed']);
    expect(data.slice(2, 5)).toMatchObject([
      { prompt_progress: { total: 30, cache: 10, processed: 10, time_ms: 0, queue_position: 1 } },
      { prompt_progress: { total: 30, cache: 10, processed: 10, time_ms: 0 } },
      { prompt_progress: { total: 30, cache: 10, processed: 30, time_ms: 40 } },
    ]);
    expect(data[4]?.response).toMatchObject({ id: 'resp_g', status: 'in_progress', output: [] });
  });

  test('in the dialect named has the type response.in_progress and the whole response', () => {
    const messages = stream(all, eventsOf({ named: true }));
    const named = messages.filter((message) => 'event' in message && message.event === 'prefill_progress');
    expect(named).toHaveLength(3);
    expect(dataOf(messages).slice(2, 5)).toMatchObject(
      read.map((event) => ({
        type: 'response.in_progress',
        response: { status: 'in_progress' },
        phase: 'phase' in event && event.phase,
        total: 30,
      })),
    );
  });

  test("in the dialect comment has exo's statistics before the last event", () => {
    const messages = stream(all, eventsOf({ comment: true }));
    expect(typesOf(dataOf(messages))).toEqual([...begun, ...text(1), 'completed']);
    const comments = messages.map((message) => ('comment' in message ? message.comment : ''));
    expect(comments.slice(2, 5)).toEqual(read.map(() => expect.stringMatching(/^prefill_progress \{/)));
    expect(comments.at(-2)).toMatch(/^generation_stats \{/);
  });

  test("in SwiftLM's dialect is a short event", () => {
    const messages = stream(all, eventsOf({ swiftLm: true }));
    const lean = messages.flatMap((message) =>
      'event' in message && message.event === 'prefill_progress' ? [JSON.parse(message.data) as object] : [],
    );
    expect(lean).toMatchObject([
      { status: 'queued', queue_position: 1 },
      { status: 'processing', n_past: 10, n_prompt_tokens: 30 },
      { n_past: 30, fraction: 1 },
    ]);
  });
});

test('progress events of Responses leave out instructions, tools and the text format', () => {
  const asked = { instructions: 'x', tools: [{ type: 'function' as const, name: 'f' }], return_progress: true };
  const events = eventsOf({ llamaCpp: true, named: true }, asked);
  const data = dataOf(stream([prefill('prefill', 30, 0), done()], events));
  const responses = data.map(({ response }) => response && { ...response, output: [] });
  const echo = { instructions: 'x', tools: [{ name: 'f' }], text: { format: { type: 'text' } } };
  expect([responses[1], responses.at(-1)]).toMatchObject([echo, echo]);
  for (const response of [responses[2], responses[3]]) {
    expect(response).toMatchObject({ status: 'in_progress', instructions: null, tools: [] });
    expect(response).not.toHaveProperty('text');
  }
});

test('a heartbeat of Responses has the output so far', () => {
  const events = eventsOf();
  const messages = [...events.opening(), ...events.of(token('One')), events.heartbeat(), ...events.of(token(' two'))];
  const data = dataOf([...messages, ...events.of(done())]);
  expect(data[5]).toMatchObject({
    type: 'response.in_progress',
    response: { output: [{ id: 'msg_g_0', status: 'in_progress', content: [{ type: 'output_text', text: 'One' }] }] },
  });
  expect(data.at(-1)?.response?.output).toMatchObject([{ content: [{ text: 'One two' }] }]);
});
