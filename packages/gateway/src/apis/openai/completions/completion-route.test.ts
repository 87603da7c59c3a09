import { describe, expect, test } from 'vitest';

import { faulty, openScriptedGateway, reading, recordsOf } from '../scripted-gateway.fixture.ts';

interface Chunk {
  choices: { index: number; text: string; logprobs: object | null; finish_reason: string | null }[];
  usage?: object | null;
  timings?: { predicted_n: number };
}

async function setUp(...options: Parameters<typeof openScriptedGateway>) {
  const context = await openScriptedGateway(...options);
  return {
    ...context,
    ask: (body: object, init?: RequestInit) => context.post('/v1/completions', { prompt: 'one two', ...body }, init),
  };
}

async function chunksOf(response: Response): Promise<Chunk[]> {
  const data = (await recordsOf(response)).map((record) => record.data);
  expect(data.pop()).toBe('[DONE]');
  return data.map((text) => JSON.parse(text) as Chunk);
}

const reply = { script: { reply: 'Hé you' } };
const logprobs = (tokens: string[], offsets: number[]) => ({
  tokens,
  token_logprobs: tokens.map(() => 0),
  top_logprobs: tokens.map((token) => ({ [token]: 0 })),
  text_offset: offsets,
});

describe('an unstreamed answer of /v1/completions', () => {
  test('has text, log-probabilities, usage and timings', async () => {
    await using context = await setUp(reply);
    const response = await context.ask({ model: 'default', logprobs: 2 });
    expect(await response.json()).toEqual({
      id: `cmpl-${response.headers.get('x-generation-id')}`,
      object: 'text_completion',
      system_fingerprint: expect.stringMatching(/^headway-\d/),
      created: expect.any(Number),
      model: 'scripted',
      choices: [{ index: 0, text: 'Hé you', logprobs: logprobs(['Hé', ' you'], [0, 2]), finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 2,
        completion_tokens: 2,
        total_tokens: 4,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
      timings: expect.objectContaining({ prompt_n: 2, predicted_n: 2 }),
    });
  });

  test('has several choices, each after the prompt with `echo`', async () => {
    await using context = await setUp(reply);
    const body = (await (await context.ask({ n: 2, echo: true, max_tokens: 1 })).json()) as Chunk;
    expect(body.choices).toEqual(
      [0, 1].map((index) => ({ index, text: 'one twoHé', logprobs: null, finish_reason: 'length' })),
    );
  });

  test('is a 499 when another viewer cancels', async () => {
    await using context = await setUp(faulty('decode', 'stall'));
    const answer = context.ask({});
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    const list = await (await fetch(`${context.gateway.url}/v1/generations`)).json();
    const [one] = (list as { generations: { id: string }[] }).generations;
    await fetch(`${context.gateway.url}/v1/generations/${one?.id}`, { method: 'DELETE' });
    expect((await answer).status).toBe(499);
    expect(await (await answer).json()).toMatchObject({ error: { code: 'cancelled' } });
  });
});

describe('a stream of /v1/completions', () => {
  test('has text, a finish reason, the usage, then [DONE]', async () => {
    await using context = await setUp(reply);
    const response = await context.ask({ stream: true, logprobs: 0, stream_options: { include_usage: true } });
    const id = `cmpl-${response.headers.get('x-generation-id')}`;
    const head = {
      id,
      object: 'text_completion',
      created: expect.any(Number),
      model: 'scripted',
      system_fingerprint: expect.stringMatching(/^headway-\d/),
    };
    expect(await chunksOf(response)).toEqual([
      {
        ...head,
        choices: [{ index: 0, text: 'Hé', logprobs: logprobs(['Hé'], [0]), finish_reason: null }],
        usage: null,
      },
      {
        ...head,
        choices: [{ index: 0, text: ' you', logprobs: logprobs([' you'], [2]), finish_reason: null }],
        usage: null,
      },
      { ...head, choices: [{ index: 0, text: '', logprobs: null, finish_reason: 'stop' }], usage: null },
      {
        ...head,
        choices: [],
        usage: expect.objectContaining({ prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 }),
        timings: expect.objectContaining({ predicted_n: 2 }),
      },
    ]);
  });

  test('has several choices, each after the prompt, with timings in each chunk', async () => {
    await using context = await setUp(reply);
    const chunks = await chunksOf(await context.ask({ stream: true, n: 2, echo: true, timings_per_token: true }));
    for (const index of [0, 1]) {
      const own = chunks.filter(({ choices }) => choices[0]?.index === index);
      expect(own.map(({ choices }) => choices[0]?.text).join('')).toBe('one twoHé you');
      expect(own.at(-1)?.choices[0]?.finish_reason).toBe('stop');
      const timed = own.filter(({ choices, timings }) => timings && choices[0]?.finish_reason === null);
      expect(timed.map(({ timings }) => timings?.predicted_n)).toEqual([1, 2]);
    }
  });

  test('ends with an error event when the generation fails', async () => {
    await using context = await setUp(faulty('decode', 'fail'));
    const { until } = reading(await context.ask({ stream: true }));
    const text = await until(/"error"/);
    expect(JSON.parse(text.trimEnd().split('\n\n').at(-1)?.slice('data: '.length) ?? '')).toMatchObject({
      error: { code: 'internal', type: 'server_error' },
    });
    await expect(until(/DONE/)).rejects.toThrow('the stream ended');
  });

  test('cancels its generation when the client hangs up', async () => {
    await using context = await setUp(faulty('prefill', 'stall', 0));
    const hangUp = new AbortController();
    const response = await context.ask({ stream: true }, { signal: hangUp.signal });
    expect(response.status).toBe(200);
    expect(await context.engine.activity()).toMatchObject({ slots: { busy: 1 } });
    hangUp.abort();
    await expect.poll(() => context.engine.activity()).toMatchObject({ slots: { busy: 0 } });
  });
});

test("errors of /v1/completions have OpenAI's format and name the field", async () => {
  await using context = await setUp({ contextSize: 16 });
  const refused = await context.ask({ prompt: ['a', 'b'] });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: { type: 'invalid_request_error', code: 'invalid-request', param: 'prompt' },
  });
  const tooLong = await context.ask({ prompt: 'word '.repeat(50), stream: true });
  expect(tooLong.status).toBe(400);
  expect(await tooLong.json()).toMatchObject({ error: { type: 'exceed_context_size_error', n_ctx: 16 } });
  const unknown = await context.ask({ model: 'gpt-3.5-turbo-instruct' });
  expect(unknown.status).toBe(404);
});
