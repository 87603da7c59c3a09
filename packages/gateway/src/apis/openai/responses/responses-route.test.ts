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

/** Without what two runs cannot have in common. */
function comparable(answer: Answer): object {
  const text = JSON.stringify({ ...answer, created_at: 0, timings: Object.keys(answer.timings ?? {}) });
  const id = /"resp_(\w[\w-]*)"/.exec(text)?.[1] ?? '';
  return JSON.parse(text.replaceAll(id, 'ID').replace(/"call_\w+"/g, '"CALL"')) as object;
}

describe('not streamed', () => {
  test('is one response, with what was asked for told back', async () => {
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
    ['thoughts, text and a call', wordy, { tools }],
    ['text that the limit cuts off', wordy, { max_output_tokens: 5 }],
    ['thoughts that the limit cuts off', wordy, { max_output_tokens: 2 }],
    ['log-probabilities', wordy, { include: ['message.output_text.logprobs'], top_logprobs: 2 }],
    ['nothing', { script: { reply: '' } }, {}],
  ])('is what a stream ends with: %s', async (_what, options, asked) => {
    // Each in its own gateway, so that none finds read what the other read.
    await using context = await setUp(options);
    const whole = (await (await context.ask(asked)).json()) as Answer;
    await using another = await setUp(options);
    const records = await recordsOf(await another.ask({ ...asked, stream: true }));
    const { response } = JSON.parse(records.at(-1)?.data ?? '') as { response: Answer };
    expect(response.output.length).toBeGreaterThan(0);
    expect(comparable(response)).toEqual(comparable(whole));
  });

  test('a failure has its own status', async () => {
    await using context = await setUp(faulty('decode', 'fail'));
    const response = await context.ask({});
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { code: 'internal' } });
  });
});

describe('streamed', () => {
  test('opens with the response, before the prompt is read', async () => {
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

  test('opens while it is queued, too, and tells its place', async () => {
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

  test('beats as data when asked, in an event that counts like any other', async () => {
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

  test('a failure on the way is the failed response and an error, and nothing after it', async () => {
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

describe('cancelled by another viewer', () => {
  const cancelled = expect.objectContaining({ code: 'cancelled' });

  test('is an error in the stream', async () => {
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

  test('is 499 when it is not streamed', async () => {
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

describe('a client that hangs up', () => {
  test.each([true, false])('cancels (streamed: %s)', async (stream) => {
    await using context = await setUp(faulty('decode', 'stall'));
    const hangUp = new AbortController();
    const answer = context.ask({ stream }, { signal: hangUp.signal }).then((response) => response.text());
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    hangUp.abort();
    await expect(answer).rejects.toThrow();
    await idle(context.engine);
  });

  test('may go on with the events when it sent X-Headway-Resume', async () => {
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

describe('refused before it runs', () => {
  const call = { type: 'function_call', call_id: 'a', name: 'look', arguments: '{}' };
  const format = { type: 'json_schema', name: 'x', schema: { type: 'object' } };
  test.each<[string, object, number, string | null]>([
    ['an unknown model', { model: 'gpt-4o' }, 404, 'model'],
    ['a field of a wrong type', { max_output_tokens: 'x' }, 400, 'max_output_tokens'],
    ["a tool's schema that is none", { tools: [{ ...tools[0], parameters: 7 }] }, 400, 'tools[0].parameters'],
    ['a response that is not kept', { previous_response_id: 'resp_1' }, 404, 'previous_response_id'],
    ['an item that is not kept', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 404, 'input[0].id'],
    ['a call without an output', { input: [call] }, 400, 'input[0].call_id'],
    [
      'two calls of one name',
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
    ['a choice of no tool', { tools, tool_choice: { type: 'function', name: 'see' } }, 400, 'tool_choice.name'],
    ['a tool that must be called and is none', { text: { format }, tool_choice: 'required' }, 400, 'tool_choice'],
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
