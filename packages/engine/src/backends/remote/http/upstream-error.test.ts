import { expect, it } from 'vitest';

import { failureInStream, failureOfAnswer, failureOfConnection, readRetryAfter } from './upstream-error.ts';
import { UpstreamHttp, type Answer } from './upstream-http.ts';

const key = 'sk-very-secret';
const http = new UpstreamHttp({ url: 'http://gpu.internal:8000/v1', key: () => key });

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    header: (name) => headers[name] ?? null,
    text: async () => text,
    body: (async function* () {})(),
  };
}

const vllm = (message: string) => ({ error: { message, type: 'BadRequestError', param: null, code: 400 } });

it.each([
  [
    'llama-server',
    {
      error: {
        code: 400,
        message: 'request (4037 tokens) exceeds the available context size (2048 tokens), try increasing it',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 4037,
        n_ctx: 2048,
      },
    },
    { promptTokens: 4037, contextSize: 2048 },
  ],
  [
    'vLLM',
    vllm(
      "This model's maximum context length is 4096 tokens. However, you requested 0 output tokens and your prompt contains at least 5000 input tokens, for a total of at least 5000 tokens. Please reduce the length of the input prompt or the number of requested output tokens.",
    ),
    { promptTokens: 5000, contextSize: 4096 },
  ],
  [
    'an older vLLM',
    {
      object: 'error',
      message:
        "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens. Please reduce the length of the input messages.",
      code: 400,
    },
    { promptTokens: 5000, contextSize: 4096 },
  ],
  [
    'SGLang',
    {
      object: 'error',
      message: "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
      type: 'BadRequestError',
      code: 400,
    },
    { promptTokens: 5000, contextSize: 4096 },
  ],
])('reads the numbers of a context overflow of %s', async (_server, body, cause) => {
  const { error, fault } = await failureOfAnswer(answer(400, body), http);
  expect(fault).toBe('request');
  expect(error).toMatchObject({ code: 'context-overflow', retryable: false, cause });
});

it('reads an overflow without numbers, as LM Studio tells it in a stream', () => {
  const message =
    'The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input';
  expect(failureInStream({ error: { message } }, http).error).toMatchObject({
    code: 'context-overflow',
    message: expect.stringContaining(message),
  });
});

it.each([
  [
    400,
    vllm('top_p must be in (0, 1]'),
    {},
    'invalid-request',
    'request',
    /the upstream refused the request: top_p must be/,
  ],
  [
    401,
    { error: `Incorrect API key provided: ${key}` },
    {},
    'upstream-failed',
    'upstream',
    /^the upstream refused its key;/,
  ],
  [
    404,
    { error: { message: 'The model `x` does not exist.' } },
    {},
    'upstream-failed',
    'upstream',
    /The model `x` does not exist/,
  ],
  [429, { error: { message: 'slow down' } }, { 'retry-after': '7' }, 'rate-limited', 'wait', /slow down/],
  [
    500,
    '<html><h1>Internal</h1></html>',
    { 'content-type': 'text/html' },
    'upstream-failed',
    'upstream',
    /failed \(HTTP 500\)/,
  ],
  [
    503,
    { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } },
    {},
    'upstream-failed',
    'loading',
    /Loading model/,
  ],
  [503, '', { 'retry-after': '2' }, 'upstream-failed', 'wait', /not ready/],
  [302, '', {}, 'upstream-failed', 'upstream', /redirects to another address/],
  [418, { detail: [{ loc: ['body'], msg: 'no' }] }, {}, 'upstream-failed', 'upstream', /"msg":"no"/],
] as const)('tells what HTTP %i with %j means', async (status, body, headers, code, fault, message) => {
  const failure = await failureOfAnswer(answer(status, body, headers), http);
  expect(failure.error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(failure.fault).toBe(fault);
});

it('tells when an upstream that takes no more requests takes the next one', async () => {
  const said = { error: { message: 'slow down' } };
  expect((await failureOfAnswer(answer(429, said, { 'retry-after': '7' }), http)).retryAfterMs).toBe(7000);
  expect((await failureOfAnswer(answer(429, said), http)).retryAfterMs).toBe(1000);
});

it("repeats an upstream's words without its address and key", async () => {
  const body = { error: { message: `http://gpu.internal:8000/v1 refused ${key} for gpu.internal` } };
  const { error } = await failureOfAnswer(answer(400, body), http);
  expect(error.message).toBe('the upstream refused the request: http://…/v1 refused … for …; change the request');
});

it('repeats the words of an overflow without numbers no other way', async () => {
  const words = `maximum context length exceeded at http://gpu.internal:8000/v1 with ${key}, ${'x'.repeat(1000)}`;
  const { error } = await failureOfAnswer(answer(400, { error: { message: words } }), http);
  expect(error.code).toBe('context-overflow');
  expect(error.message).toContain('exceeded at http://…/v1 with …, xxx');
  expect(error.message.length).toBeLessThan(600);
});

it('keeps what broke a connection as the cause', () => {
  const thrown = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:8000'), { code: 'ECONNREFUSED' });
  const { error } = failureOfConnection(thrown);
  expect(error).toMatchObject({ code: 'upstream-failed', cause: thrown });
  expect(error.message).toBe('the upstream refuses connections; send the request again');
});

it('reads Retry-After as seconds or as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(readRetryAfter('120', now)).toBe(120_000);
  expect(readRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
  expect(readRetryAfter('Thu, 01 Jan 2025 00:00:30 GMT', now)).toBe(0);
  expect(readRetryAfter('soon', now)).toBeUndefined();
  expect(readRetryAfter(null, now)).toBeUndefined();
});
