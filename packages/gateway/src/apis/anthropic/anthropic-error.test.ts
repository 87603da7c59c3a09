import { contextOverflow, Field, fieldError, HeadwayError, sentence, type Issue } from '@headway/protocol';
import { expect, test } from 'vitest';

import { anthropicNames } from './anthropic-names.ts';
import { anthropicCancelledBody, anthropicErrorBody, anthropicErrors } from './anthropic-error.ts';
import { refuseThread } from './request/refuse-thread.ts';

function thrownBy(act: () => void): unknown {
  try {
    act();
    return null;
  } catch (thrown) {
    return thrown;
  }
}

test('an error of Anthropic’s API has its type, its code and its request id', () => {
  const error = new HeadwayError('model-not-found', 'model: there is no model gpt; use one of scripted');
  expect(anthropicErrorBody(error, { requestId: 'req_1', status: 404 })).toEqual({
    type: 'error',
    error: {
      type: 'not_found_error',
      message: 'model: there is no model gpt; use one of scripted',
      details: { error_code: 'model-not-found' },
    },
    request_id: 'req_1',
  });
});

const [toolChoice, format] = [new Field('toolChoice'), new Field('responseFormat')];

test.each<[Issue[], string]>([
  [[{ path: ['maxTokens'], message: 'must be at most 5' }], 'max_tokens: must be at most 5'],
  [
    [
      { path: ['stop', 0], message: 'must have at least 1 character' },
      { path: ['topK'], message: 'is wrong' },
    ],
    'stop_sequences[0]: must have at least 1 character; top_k: is wrong',
  ],
  [
    [{ path: ['tools', 0, 'parameters', 'properties', 'stop', 'format'], message: 'is unknown' }],
    'tools[0].input_schema.properties.stop.format: is unknown',
  ],
  [[{ path: ['toolChoice', 'name'], message: 'there is no tool f' }], 'tool_choice.name: there is no tool f'],
  [
    [{ path: ['responseFormat'], ...sentence`is too long; set ${toolChoice} to 'none'` }],
    "output_config.format: is too long; set tool_choice to 'none'",
  ],
  [
    [{ path: ['stop'], ...sentence`could cut the text that ${format} requires` }],
    'stop_sequences: could cut the text that output_config.format requires',
  ],
  [
    [{ path: ['responseFormat', 'schema', 'properties', 'toolChoice'], message: 'is "toolChoice"' }],
    'output_config.format.schema.properties.toolChoice: is "toolChoice"',
  ],
])('an error names fields as Anthropic does: %j', (issues, message) => {
  expect(anthropicErrorBody(fieldError(issues), { names: anthropicNames }).error.message).toBe(message);
});

test('an error about no field keeps its message', () => {
  const error = new HeadwayError('internal', 'the gateway failed; stop it');
  expect(anthropicErrorBody(error, { names: anthropicNames }).error.message).toBe('the gateway failed; stop it');
});

test('the error for a prompt that is too long begins with "prompt is too long" and has the numbers', () => {
  expect(anthropicErrorBody(contextOverflow(101, 64)).error).toEqual({
    type: 'invalid_request_error',
    message: expect.stringMatching(/^prompt is too long: 101 tokens > 62 maximum; /),
    details: { error_code: 'context-overflow', prompt_tokens: 101, context_size: 64 },
  });
});

test.each([
  [404, 'not_found_error'],
  [405, 'invalid_request_error'],
  [413, 'request_too_large'],
  [415, 'invalid_request_error'],
])('a status without an error code of its own has a type: %s', (status, type) => {
  expect(anthropicErrorBody(new HeadwayError('invalid-request', 'x'), { status }).error.type).toBe(type);
});

test('each error type goes with its status in Anthropic’s API', () => {
  const statuses = {
    invalid_request_error: [400],
    authentication_error: [401],
    permission_error: [403],
    not_found_error: [404],
    conflict_error: [409],
    rate_limit_error: [429],
    timeout_error: [504],
    overloaded_error: [529],
    api_error: [499, 500, 502, 503],
  };
  for (const { status, type } of Object.values(anthropicErrors)) expect(statuses[type]).toContain(status);
});

test('a request with `thread` is refused with the code that Anthropic’s SDK falls back on', () => {
  for (const thread of [{ type: 'create' }, { type: 'continue', previous_message_id: 'msg_1' }, 5]) {
    const refusal = thrownBy(() => refuseThread({ thread }));
    expect(anthropicErrorBody(refusal as HeadwayError).error).toEqual({
      type: 'invalid_request_error',
      message: expect.stringMatching(/^thread: .*send all messages/),
      details: { error_code: 'thread_unsupported_request' },
    });
  }
  for (const body of [{ thread: null }, {}, null, 5]) expect(thrownBy(() => refuseThread(body))).toBeNull();
});

test('an answer that another viewer cancelled is an error with the code cancelled', () => {
  expect(anthropicCancelledBody('req_1')).toMatchObject({
    error: { type: 'api_error', details: { error_code: 'cancelled' } },
    request_id: 'req_1',
  });
});
