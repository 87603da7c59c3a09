import { createEngine, remote, type Engine } from '@headway/engine';
import type { GenerateInput, GenerationEvent } from '@headway/protocol';
import { collect, invariantViolations, textOf } from '@headway/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startLlamaServer, type LlamaServer } from './llama-server-process.ts';

let server: LlamaServer;
let engine: Engine;

beforeAll(async () => {
  server = await startLlamaServer('-np', '2', '-c', '8192', '-b', '256', '-ub', '128');
  engine = await createEngine({ backend: remote({ upstreams: [{ url: server.url }] }) });
});
afterAll(async () => {
  await engine.close();
  await server[Symbol.asyncDispose]();
});

const long = (words: number, seed = 0) => `${seed} the quick fox `.repeat(words / 4);
const chat = (content: string, rest: Partial<GenerateInput> = {}): GenerateInput => ({
  messages: [{ role: 'user', content }],
  temperature: 0,
  maxTokens: 24,
  ...rest,
});
const isReading = (event: GenerationEvent) => event.type === 'prefill' && event.phase === 'prefill';

it('is recognised, with its slots and the context of each', async () => {
  expect(await engine.models()).toMatchObject([
    { state: 'ready', backend: 'remote', contextSize: 4096, slots: 2, remote: { progress: 'reported' } },
  ]);
});

it('reports its own progress, in steps', async () => {
  const events = await collect(engine.generate(chat(long(3000, 1))));
  expect(invariantViolations(events)).toEqual([]);
  const reading = events.filter(isReading);
  expect(reading.length).toBeGreaterThanOrEqual(8);
  expect(reading.every((event) => event.type === 'prefill' && !event.estimated)).toBe(true);
});

it('tells the tokens that it reused', async () => {
  const first = await engine.generate(chat(long(1200, 2))).result();
  const again = await engine.generate(chat(long(1200, 2))).result();
  expect(first.usage.cachedTokens).toBeLessThan(0.1 * first.usage.promptTokens);
  expect(again.usage.cachedTokens).toBeGreaterThan(0.9 * again.usage.promptTokens);
});

interface Direct {
  choices: {
    message?: { content: string | null; tool_calls?: { function: { name: string; arguments: string } }[] };
    text?: string;
    finish_reason: string;
    logprobs?: { content: { token: string; logprob: number }[] };
  }[];
  usage: { prompt_tokens: number; completion_tokens: number };
}

async function ask(path: string, body: object): Promise<Direct> {
  const asked = { temperature: 0, top_k: 40, top_p: 0.95, min_p: 0.05, max_tokens: 24, cache_prompt: false, ...body };
  const response = await fetch(`${server.url}/v1/${path}`, { method: 'POST', body: JSON.stringify(asked) });
  return (await response.json()) as Direct;
}

const schema = {
  type: 'object',
  properties: { animal: { enum: ['fox', 'owl'] }, legs: { type: 'integer', minimum: 2, maximum: 4 } },
  required: ['animal', 'legs'],
  additionalProperties: false,
};
const tools = [{ name: 'weather', description: 'of a city', parameters: { type: 'object', properties: {} } }];

describe('gives the answer that llama-server gives when asked directly:', () => {
  const messages = [{ role: 'user', content: 'Tell me about a fox.' }];
  it.each<[string, Partial<GenerateInput>, object]>([
    ['a chat', {}, {}],
    ['a seed', { temperature: 0.9, seed: 7 }, { temperature: 0.9, seed: 7 }],
    ['a stop string', { stop: ['fox'] }, { stop: ['fox'] }],
    ['penalties', { repeatPenalty: 1.3, presencePenalty: 0.5 }, { repeat_penalty: 1.3, presence_penalty: 0.5 }],
    ['no end', { ignoreEos: true, maxTokens: 60 }, { ignore_eos: true, max_tokens: 60 }],
    [
      'a JSON schema',
      { responseFormat: { type: 'json', schema } },
      { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } },
    ],
    [
      'a grammar',
      { responseFormat: { type: 'grammar', grammar: 'root ::= "yes" | "no"' } },
      { grammar: 'root ::= "yes" | "no"' },
    ],
    ['tools', { tools }, { tools: tools.map((one) => ({ type: 'function', function: one })) }],
    ['a bias', { logitBias: { 300: -100 } }, { logit_bias: { 300: -100 } }],
  ])('%s', async (_name, input, body) => {
    const own = await engine
      .generate({
        messages: [{ role: 'user', content: 'Tell me about a fox.' }],
        temperature: 0,
        maxTokens: 24,
        cachePrompt: false,
        ...input,
      })
      .result();
    const direct = await ask('chat/completions', { messages, ...body });
    expect(own.text).toBe(direct.choices[0]?.message?.content ?? '');
    expect(own.finishReason).toBe(direct.choices[0]?.finish_reason);
    expect(own.usage).toMatchObject({
      promptTokens: direct.usage.prompt_tokens,
      completionTokens: direct.usage.completion_tokens,
    });
    expect(own.toolCalls.map(({ name }) => name)).toEqual(
      (direct.choices[0]?.message?.tool_calls ?? []).map((call) => call.function.name),
    );
  });

  it('raw text', async () => {
    const own = await engine
      .generate({ prompt: 'Once upon a time', temperature: 0, maxTokens: 20, cachePrompt: false })
      .text();
    expect(own).toBe((await ask('completions', { prompt: 'Once upon a time', max_tokens: 20 })).choices[0]?.text);
  });

  it('log-probabilities, one for each token', async () => {
    const own = await engine.generate(chat('Tell me about a fox.', { logprobs: 2, cachePrompt: false })).result();
    const direct = await ask('chat/completions', { messages, logprobs: true, top_logprobs: 2 });
    const told = direct.choices[0]?.logprobs?.content ?? [];
    expect(own.logprobs?.map(({ token }) => token)).toEqual(told.map(({ token }) => token));
    for (const [at, { logprob }] of (own.logprobs ?? []).entries())
      expect(logprob).toBeCloseTo(told[at]?.logprob ?? 9, 3);
  });
});

it('writes two choices in one request, each to its end', async () => {
  const events = await collect(engine.generate(chat('Tell me a story.', { choices: 2, temperature: 0.8, seed: 3 })));
  expect(invariantViolations(events)).toEqual([]);
  expect(events.filter(({ type }) => type === 'done')).toHaveLength(2);
});

it('counts, renders and reads tokens back as llama-server does', async () => {
  const tokens = await engine.tokenize({ text: 'a fox – 日本' });
  expect(
    Buffer.from(tokens.flatMap(({ bytes }) => bytes))
      .toString()
      .trim(),
  ).toBe('a fox – 日本');
  expect((await engine.detokenize({ tokens: tokens.map(({ id }) => id) })).trim()).toBe('a fox – 日本');
  expect(await engine.applyTemplate(chat('What is prefill?'))).toContain('What is prefill?');
  const { tokens: estimated } = await engine.estimate(chat('What is prefill?'));
  expect((await engine.generate(chat('What is prefill?')).result()).usage.promptTokens).toBe(estimated);
});

it('refuses a prompt that does not fit with the numbers of llama-server', async () => {
  await expect(engine.generate(chat(long(12_000))).result()).rejects.toMatchObject({
    code: 'context-overflow',
    message: expect.stringMatching(/the prompt has [\d,]+ tokens, the context of this model holds 4,096/),
  });
});

it('frees the slot of llama-server when a prefill is cancelled', async () => {
  const generation = engine.generate(chat(long(2800, 5)));
  for await (const event of generation) {
    if (event.type === 'prefill' && event.phase === 'prefill' && (event.processed ?? 0) > 300) void generation.cancel();
  }
  expect(await generation.result()).toMatchObject({ finishReason: 'cancelled' });
  await expect
    .poll(
      async () =>
        ((await (await fetch(`${server.url}/slots`)).json()) as { is_processing: boolean }[]).some(
          (slot) => slot.is_processing,
        ),
      { timeout: 5000 },
    )
    .toBe(false);
});

describe('when llama-server is killed', () => {
  it.each([
    [
      'reads',
      (event: GenerationEvent) => isReading(event) && event.type === 'prefill' && (event.processed ?? 0) > 0,
      0,
    ],
    ['writes', (event: GenerationEvent) => event.type === 'token' && event.completionTokens === 5, 5],
  ])('while it %s, the stream ends with one error and what came so far', async (_when, isNow, tokens) => {
    await using own = await startLlamaServer('-np', '1', '-c', '4096', '-b', '256', '-ub', '128');
    await using other = await createEngine({ backend: remote({ upstreams: [{ url: own.url }] }) });
    const input = chat(long(2400, 6), { maxTokens: 500, ignoreEos: true });
    const events = await collect(other.generate(input), (event) => {
      if (isNow(event)) own.kill('SIGKILL');
    });
    expect(invariantViolations(events)).toEqual([]);
    const end = events.at(-1);
    expect(end).toMatchObject({ type: 'error', code: 'upstream-failed', retryable: true, remaining: 0 });
    expect(JSON.stringify(end)).not.toContain(new URL(own.url).port);
    expect(textOf(events) !== '').toBe(tokens > 0);
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
  });
});
