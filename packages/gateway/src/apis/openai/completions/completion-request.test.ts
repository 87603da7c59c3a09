import { generateRequest, parse } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { completionRequest, toCompletionInput } from './completion-request.ts';

const read = (body: object) => toCompletionInput(parse(completionRequest, { prompt: 'Once', ...body }));

test('each field of completions maps to the engine’s field, and the engine accepts the result', () => {
  const input = read({
    model: 'm',
    prompt: ['Once upon'],
    max_tokens: 7,
    temperature: 0,
    top_p: 0.5,
    top_k: -1,
    min_p: 0,
    repeat_penalty: 1.1,
    presence_penalty: 0.5,
    frequency_penalty: -0.5,
    logit_bias: { 5: -100, 6: 1.5 },
    seed: 2 ** 32 + 3,
    stop: ['END'],
    ignore_eos: true,
    logprobs: 5,
    n: 2,
    best_of: 2,
    user: 'u',
    suffix: '',
    tomorrow: {},
  });
  expect(input).toEqual({
    model: 'm',
    prompt: 'Once upon',
    maxTokens: 7,
    temperature: 0,
    topP: 0.5,
    topK: 0,
    minP: 0,
    repeatPenalty: 1.1,
    presencePenalty: 0.5,
    frequencyPenalty: -0.5,
    logitBias: { 5: -100, 6: 1.5 },
    seed: 3,
    stop: ['END'],
    ignoreEos: true,
    logprobs: 5,
    choices: 2,
  });
  expect(generateRequest.safeParse(input).error).toBeUndefined();
});

test('completions without max_tokens have no limit, and null is the same as left out', () => {
  expect(read({})).toEqual({ prompt: 'Once' });
  expect(read({ max_tokens: -1, logprobs: null, echo: null, suffix: null, best_of: null, n: null })).toEqual({
    prompt: 'Once',
  });
});

describe('completions refuse by name', () => {
  test.each<[string, object]>([
    ['prompt', { prompt: undefined }],
    ['prompt', { prompt: ['a', 'b'] }],
    ['prompt', { prompt: [] }],
    ['prompt[0]', { prompt: [1] }],
    ['prompt[0]', { prompt: [[1, 2]] }],
    ['prompt', { prompt: [1, 2] }],
    ['prompt', { prompt: 5 }],
    ['suffix', { suffix: 'the end' }],
    ['best_of', { best_of: 2 }],
    ['best_of', { best_of: 3, n: 2 }],
    ['echo', { echo: true, logprobs: 0 }],
    ['echo', { echo: 'yes' }],
    ['logprobs', { logprobs: 6 }],
    ['logprobs', { logprobs: true }],
    ['max_tokens', { max_tokens: 0 }],
    ['stream', { stream: 1 }],
  ])('%s: %j', (field, body) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        message: expect.stringMatching(new RegExp(`^${field.replace(/[[\].]/g, '\\$&')}: .`)),
      }),
    );
  });

  test('token ids and several prompts, with the remedy', () => {
    expect(() => read({ prompt: [1, 2] })).toThrow(/text/);
    expect(() => read({ prompt: ['a', 'b'] })).toThrow('prompt: must be one text; send a request for each prompt');
  });
});
