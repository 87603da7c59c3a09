import { contextOverflow, errorCode, fieldError, HeadwayError } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { chatNames } from './chat-names.ts';
import { openAiErrorBody, openAiErrors } from './openai-error.ts';

const codes = errorCode.options.filter((code) => code !== 'context-overflow' && code !== 'generation-not-found');

test.each(codes)('%s has an error status, and its code in the body', (code) => {
  expect(openAiErrors[code].status).toBeGreaterThanOrEqual(400);
  expect(openAiErrorBody(new HeadwayError(code, 'words'))).toMatchObject({
    error: { message: 'words', type: openAiErrors[code].type, param: null, code },
  });
});

test('generation-not-found has a code for previous_response_id only, the one that OpenAI defines', () => {
  const code = 'generation-not-found';
  const type = 'invalid_request_error';
  const gone = fieldError({ path: ['previous_response_id'], message: 'gone' }, { code });
  expect(openAiErrorBody(gone).error).toMatchObject({
    type,
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  });
  expect(openAiErrorBody(new HeadwayError(code, 'gone')).error).toEqual({
    message: 'gone',
    type,
    param: null,
    code: null,
  });
  expect(openAiErrors[code].status).toBe(404);
});

describe('param', () => {
  test.each([
    ['the field of the first issue', [{ path: ['stop', 0], message: 'a\nb' }], 'stop[0]', 'stop[0]: a\nb'],
    ['null for the request as a whole', [{ path: [], message: 'no object' }], null, 'request: no object'],
    ['the field’s name in the API', [{ path: ['choices'], message: 'no' }], 'n', 'n: no'],
  ])('is %s', (_name, issues, param, message) => {
    expect(openAiErrorBody(fieldError(issues), chatNames).error).toMatchObject({ param, message });
  });

  test.each([
    ['a header', new HeadwayError('forbidden', 'Host: no')],
    ['a failure', new HeadwayError('internal', 'choices: boom')],
    ['no field', new HeadwayError('invalid-request', 'the prompt: has no field')],
  ])('is null for an error about %s', (_name, error) => {
    expect(openAiErrorBody(error, chatNames).error).toMatchObject({ param: null, message: error.message });
  });
});

test("an overflow carries llama.cpp's numbers", () => {
  expect(openAiErrorBody(contextOverflow(600, 256)).error).toMatchObject({
    type: 'exceed_context_size_error',
    code: 'context_length_exceeded',
    param: 'messages',
    n_prompt_tokens: 600,
    n_ctx: 256,
  });
  const withoutNumbers = openAiErrorBody(new HeadwayError('context-overflow', 'too long')).error;
  expect(withoutNumbers).toMatchObject({ code: 'context_length_exceeded', message: 'too long' });
  expect(withoutNumbers).not.toHaveProperty('n_ctx');
});
