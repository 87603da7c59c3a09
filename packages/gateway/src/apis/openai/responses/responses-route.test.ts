import type { Engine, ScriptedOptions } from '@headway/engine';
import { describe, expect, test } from 'vitest';

import type { GatewayOptions } from '../../../index.ts';
import { faulty, openScriptedGateway, reading, recordsOf } from '../scripted-gateway.fixture.ts';

interface Answer {
  status: string;
  output: { type: string; call_id?: string }[];
  timings?: object;
}

interface Refusal {
  error: { message: string; param: string | null; code: string };
}

async function setUp(
  options: ScriptedOptions = {},
  engineOptions: { parallel?: number; maxQueue?: number } = {},
  gatewayOptions: Partial<GatewayOptions> = {},
) {
  const context = await openScriptedGateway(options, engineOptions, gatewayOptions);
  return {
    engine: context.engine,
    url: context.gateway.url,
    ask: (body: object, init?: RequestInit) => context.post('/v1/responses', { input: 'one two three', ...body }, init),
    [Symbol.asyncDispose]: () => context[Symbol.asyncDispose](),
  };
}

const idle = (engine: Engine) => expect.poll(() => engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
const tools = [{ type: 'function', name: 'look', description: 'Looks.', parameters: { type: 'object' } }];
const wordy = {
  script: {
    reasoning: 'Let me think.',
    reply: 'Once upon a time.',
    toolCalls: [{ name: 'look', arguments: '{"far": true}' }],
  },
};

/** A response without the fields that differ between two runs. */
function comparable(answer: Answer): object {
  const text = JSON.stringify({ ...answer, created_at: 0, timings: Object.keys(answer.timings ?? {}) });
  const id = /"resp_(\w[\w-]*)"/.exec(text)?.[1] ?? '';
  return JSON.parse(text.replaceAll(id, 'ID').replace(/"call_\w+"/g, '"CALL"')) as object;
}

describe('an unstreamed answer of /v1/responses', () => {
  test('is one response that repeats the request’s fields', async () => {
    await using context = await setUp(wordy);
    const asked = {
      instructions: 'Be brief.',
      tools,
      tool_choice: 'auto',
      parallel_tool_calls: false,
      metadata: { a: 'b' },
      temperature: 0,
      max_output_tokens: 100,
      user: 'ada',
    };
    const response = await context.ask(asked);
    const id = response.headers.get('x-generation-id');
    const answer = (await response.json()) as Answer;
    expect(answer).toEqual({
      ...asked,
      id: `resp_${id}`,
      object: 'response',
      created_at: expect.any(Number),
      status: 'completed',
      error: null,
      incomplete_details: null,
      model: 'scripted',
      output: [
        {
          id: `rs_${id}_0`,
          type: 'reasoning',
          status: 'completed',
          summary: [],
          content: [{ type: 'reasoning_text', text: 'Let me think.' }],
        },
        {
          id: `msg_${id}_1`,
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Once upon a time.', annotations: [], logprobs: [] }],
        },
        {
          id: `fc_${id}_2`,
          type: 'function_call',
          status: 'completed',
          call_id: expect.stringMatching(/^call_/),
          name: 'look',
          arguments: '{"far": true}',
        },
      ],
      previous_response_id: null,
      reasoning: null,
      store: true,
      text: { format: { type: 'text' } },
      tools: [{ ...tools[0], strict: false }],
      top_logprobs: 0,
      top_p: 0.95,
      truncation: 'disabled',
      usage: {
        input_tokens: 7,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        output_tokens: 9,
        output_tokens_details: { reasoning_tokens: 3 },
        total_tokens: 16,
      },
      timings: expect.objectContaining({ prompt_n: 7, predicted_n: 9 }),
    });
  });

  test.each([
    ['reasoning, text and a call', wordy, { tools }],
    ['text that the token limit cuts off', wordy, { max_output_tokens: 5 }],
    ['reasoning that the token limit cuts off', wordy, { max_output_tokens: 2 }],
    ['log-probabilities', wordy, { include: ['message.output_text.logprobs'], top_logprobs: 2 }],
    ['nothing', { script: { reply: '' } }, {}],
  ])('equals the last response of a stream: %s', async (_what, options, asked) => {
    // Each in its own gateway, so that neither finds cached tokens of the other.
    await using context = await setUp(options);
    const whole = (await (await context.ask(asked)).json()) as Answer;
    await using another = await setUp(options);
    const records = await recordsOf(await another.ask({ ...asked, stream: true }));
    const { response } = JSON.parse(records.at(-1)?.data ?? '') as { response: Answer };
    expect(response.output.length).toBeGreaterThan(0);
    expect(comparable(response)).toEqual(comparable(whole));
  });

  test('has the status of its error when the generation fails', async () => {
    await using context = await setUp(faulty('decode', 'fail'));
    const response = await context.ask({});
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: 'internal' } });
  });
});

describe('a stream of /v1/responses', () => {
  test('opens with the response before the prefill', async () => {
    await using context = await setUp(faulty('prefill', 'stall', 0));
    const hangUp = new AbortController();
    const response = await context.ask({ stream: true }, { signal: hangUp.signal });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await reading(response).until(/event: response\.in_progress\n.*\n\n/);
    expect(text).toMatch(
      /^: keep-alive\nevent: response\.created\ndata: \{"type":"response\.created","sequence_number":0,/,
    );
    hangUp.abort();
    await idle(context.engine);
  });

  test('opens while queued, and reports its place', async () => {
    await using context = await setUp(faulty('decode', 'stall'), { parallel: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    await context.ask({ stream: true }, { signal: first.signal });
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    const queued = await context.ask({ stream: true, return_progress: true }, { signal: second.signal });
    const text = await reading(queued).until(/queue_position/);
    expect(text).toMatch(
      /event: response\.created\n[\s\S]*event: response\.in_progress\n.*"prompt_progress":\{[^}]*"queue_position":1\}/,
    );
    first.abort();
    second.abort();
    await idle(context.engine);
  });

  test('has numbered events as heartbeats with X-Headway-Heartbeat: data', async () => {
    await using context = await setUp(faulty('decode', 'stall'), {}, { heartbeatMs: 10 });
    const hangUp = new AbortController();
    const response = await context.ask(
      { stream: true },
      { signal: hangUp.signal, headers: { 'x-headway-heartbeat': 'data' } },
    );
    const text = await reading(response).until(/(event: response\.in_progress\n.*"text":"one"[\s\S]*){2}/);
    const numbers = [...text.matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(numbers.map((_, at) => at));
    hangUp.abort();
    await idle(context.engine);
  });

  test('ends with response.failed and an error when the generation fails', async () => {
    await using context = await setUp(faulty('decode', 'fail'));
    const records = await recordsOf(await context.ask({ stream: true }));
    expect(records.slice(-2).map(({ event }) => event)).toEqual(['response.failed', 'error']);
    expect(JSON.parse(records.at(-1)?.data ?? '')).toMatchObject({ type: 'error', error: { code: 'internal' } });
    await idle(context.engine);
  });

  test('ends without [DONE]', async () => {
    await using context = await setUp();
    const records = await recordsOf(await context.ask({ stream: true }));
    expect(records.at(-1)?.event).toBe('response.completed');
  });
});

describe('when another viewer cancels, /v1/responses', () => {
  const cancelled = expect.objectContaining({ code: 'cancelled' });

  test('ends its stream with an error', async () => {
    await using context = await setUp(faulty('decode', 'stall'));
    const response = await context.ask({ stream: true });
    const id = response.headers.get('x-generation-id') ?? '';
    await fetch(`${context.url}/v1/generations/${id}`, { method: 'DELETE' });
    const records = await recordsOf(response);
    expect(records.slice(-2).map(({ data }) => JSON.parse(data) as unknown)).toMatchObject([
      { type: 'response.failed', response: { status: 'failed', error: cancelled } },
      { type: 'error', error: cancelled },
    ]);
  });

  test('answers 499 if unstreamed', async () => {
    await using context = await setUp(faulty('decode', 'stall'));
    const answer = context.ask({});
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    const { generations } = (await (await fetch(`${context.url}/v1/generations`)).json()) as {
      generations: { id: string }[];
    };
    await fetch(`${context.url}/v1/generations/${generations[0]?.id}`, { method: 'DELETE' });
    const response = await answer;
    expect(response.status).toBe(499);
    expect(await response.json()).toMatchObject({ error: cancelled });
  });
});

describe('a client of /v1/responses that hangs up', () => {
  test.each([true, false])('cancels the generation (streamed: %s)', async (stream) => {
    await using context = await setUp(faulty('decode', 'stall'));
    const hangUp = new AbortController();
    const answer = context.ask({ stream }, { signal: hangUp.signal }).then((response) => response.text());
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    hangUp.abort();
    await expect(answer).rejects.toThrow();
    await idle(context.engine);
  });

  test('can continue with the events if it sent X-Headway-Resume', async () => {
    await using context = await setUp(faulty('decode', 'stall'));
    const hangUp = new AbortController();
    const headers = { 'x-headway-resume': '1' };
    const response = await context.ask({ stream: true }, { headers, signal: hangUp.signal });
    const id = response.headers.get('x-generation-id') ?? '';
    await reading(response).until(/"one"/);
    hangUp.abort();
    const events = await fetch(`${context.url}/v1/generations/${id}/events`);
    expect(await reading(events).until(/"text":"one"/)).toContain('"type":"prefill"');
    await fetch(`${context.url}/v1/generations/${id}`, { method: 'DELETE' });
    await idle(context.engine);
  });
});

describe('/v1/responses refuses before it runs', () => {
  const call = { type: 'function_call', call_id: 'a', name: 'look', arguments: '{}' };
  const format = { type: 'json_schema', name: 'x', schema: { type: 'object' } };
  test.each<[string, object, number, string | null]>([
    ['an unknown model', { model: 'gpt-4o' }, 404, 'model'],
    ['a field of a wrong type', { max_output_tokens: 'x' }, 400, 'max_output_tokens'],
    ['a tool schema that is not an object', { tools: [{ ...tools[0], parameters: 7 }] }, 400, 'tools[0].parameters'],
    ['a response that is not kept', { previous_response_id: 'resp_1' }, 404, 'previous_response_id'],
    ['an item that is not kept', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 404, 'input[0].id'],
    ['a call without an output', { input: [call] }, 400, 'input[0].call_id'],
    [
      'two calls with the same id',
      {
        input: [
          call,
          call,
          { ...call, type: 'function_call_output', output: '' },
          { ...call, type: 'function_call_output', output: '' },
        ],
      },
      400,
      'input[1].call_id',
    ],
    [
      'a tool_choice that names no tool',
      { tools, tool_choice: { type: 'function', name: 'see' } },
      400,
      'tool_choice.name',
    ],
    ['a forced tool call without tools', { text: { format }, tool_choice: 'required' }, 400, 'tool_choice'],
    ['a prompt that does not fit', { input: 'word '.repeat(100) }, 400, 'input'],
  ])('%s', async (_what, body, status, param) => {
    await using context = await setUp({ contextSize: 64 });
    for (const stream of [true, false]) {
      const response = await context.ask({ ...body, stream });
      expect(response.status).toBe(status);
      const { error } = (await response.json()) as Refusal;
      expect(error.param).toBe(param);
      expect(error.message).not.toMatch(/toolChoice|responseFormat|messages/);
    }
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 0 }, queued: 0 });
  });
});
