import { contextOverflow, errorCode, HeadwayError } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { openAiErrorBody, openAiErrors } from './openai-error.ts';

const codes = errorCode.options.filter((code) => code !== 'context-overflow' && code !== 'generation-not-found');

test.each(codes)('%s has a status that is an error, and its code in the body', (code) => {
  expect(openAiErrors[code].status).toBeGreaterThanOrEqual(400);
  expect(openAiErrorBody(new HeadwayError(code, 'words'))).toMatchObject({
    error: { message: 'words', type: openAiErrors[code].type, param: null, code },
  });
});

test('what is not there has a code only where OpenAI has one', () => {
  const bodyOf = (message: string) => openAiErrorBody(new HeadwayError('generation-not-found', message)).error;
  const type = 'invalid_request_error';
  expect(bodyOf('previous_response_id: gone')).toMatchObject({
    type,
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  });
  expect(bodyOf('gone')).toEqual({ message: 'gone', type, param: null, code: null });
  expect(openAiErrors['generation-not-found'].status).toBe(404);
});

describe('the field that is wrong', () => {
  test.each([
    ['temperature: too big', 'temperature', 'temperature: too big'],
    ['messages[2].content[0].type: not text', 'messages[2].content[0].type', 'messages[2].content[0].type: not text'],
    ['choices: not supported', 'n', 'n: not supported'],
    ['responseFormat: not supported', 'response_format', 'response_format: not supported'],
    ['messages[0].toolCalls: not supported', 'messages[0].tool_calls', 'messages[0].tool_calls: not supported'],
    ['request: expected object', null, 'request: expected object'],
    ['the prompt: has no field', null, 'the prompt: has no field'],
    ['stop[0]: a\nb', 'stop[0]', 'stop[0]: a\nb'],
  ])('%j', (message, param, words) => {
    expect(openAiErrorBody(new HeadwayError('invalid-request', message)).error).toMatchObject({
      param,
      message: words,
    });
  });

  test('is never made of a refused header or a failure', () => {
    expect(openAiErrorBody(new HeadwayError('forbidden', 'Host: no')).error).toMatchObject({
      param: null,
      message: 'Host: no',
    });
    expect(openAiErrorBody(new HeadwayError('internal', 'choices: boom')).error).toMatchObject({
      param: null,
      message: 'choices: boom',
    });
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
