import { generateRequest, parse, type GenerateInput } from '@headway/protocol';
import { expect, it } from 'vitest';

import { lackingFields, ownFields } from './request-fields.ts';

const request = (input: Partial<GenerateInput>) =>
  parse(generateRequest, { messages: [{ role: 'user', content: 'x' }], ...input });

it('sends fields under the names of the server, and leaves defaults out where the server does the same', () => {
  const names = { topK: 'top_k', repeatPenalty: 'repetition_penalty', ignoreEos: 'ignore_eos', cachePrompt: 'cache' };
  expect(ownFields(request({}), names, 'x')).toEqual({ top_k: 40 });
  expect(ownFields(request({ topK: 3, repeatPenalty: 1.1, cachePrompt: false }), names, 'x')).toEqual({
    top_k: 3,
    repetition_penalty: 1.1,
    cache: false,
  });
});

it.each([
  [{ topK: 3 }, 'topK'],
  [{ minP: 0.2 }, 'minP'],
  [{ ignoreEos: true }, 'ignoreEos'],
  [{ chatTemplateKwargs: { a: 1 } }, 'chatTemplateKwargs'],
  [{ generationPrompt: false }, 'generationPrompt'],
  [{ onContextFull: 'shift', maxTokens: 9 }, 'onContextFull'],
  [{ responseFormat: { type: 'regex', pattern: 'a' } }, 'responseFormat'],
] as const)('refuses %j by name where the server has no such field', (input, field) => {
  expect(() => ownFields(request(input as Partial<GenerateInput>), {}, 'vllm')).toThrow(
    expect.objectContaining({ code: 'invalid-request', message: expect.stringMatching(`^${field}: .*vllm`) }),
  );
});

it('lists what a server lacks in the names of the fields', () => {
  expect(lackingFields({ topK: 'top_k', format: ({ type }) => (type === 'grammar' ? {} : undefined) })).toEqual([
    'minP',
    'repeatPenalty',
    'ignoreEos',
    'cachePrompt',
    'chatTemplateKwargs',
    'generationPrompt',
    'responseFormat: regex',
    'responseFormat: choice',
    'onContextFull: shift',
  ]);
});
