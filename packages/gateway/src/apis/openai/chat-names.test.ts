import { fieldError, formatPath, readPath } from '@headway/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { withFormatNames } from '../../surface/formats/asked-format.ts';
import { chatNames, completionNames } from './chat-names.ts';
import { openAiErrorBody } from './openai-error.ts';

const schema = 'response_format.json_schema.schema';
const parameters = 'tools[0].function.parameters';
/** As the chat route has them for a request with a schema. */
const names = withFormatNames(chatNames, {
  format: { type: 'json', schema: {} },
  place: ['response_format', 'json_schema', 'schema'],
});
const chatField = (path: string) => formatPath(names.path(readPath(path).path));

test.each([
  ['choices', 'n'],
  ['maxTokens', 'max_tokens'],
  ['logprobs', 'top_logprobs'],
  ['messages[2].toolCallId', 'messages[2].tool_call_id'],
  ['messages[1].toolCalls', 'messages[1].tool_calls'],
  ['messages[1].toolCalls[0].name', 'messages[1].tool_calls[0].function.name'],
  ['messages[1].toolCalls[0].arguments', 'messages[1].tool_calls[0].function.arguments'],
  ['messages[1].toolCalls[0].id', 'messages[1].tool_calls[0].id'],
  ['messages[0].content[1].text', 'messages[0].content[1].text'],
  ['parallelToolCalls', 'parallel_tool_calls'],
  ['toolChoice', 'tool_choice'],
  ['chatTemplateKwargs', 'chat_template_kwargs'],
  ['chatTemplateKwargs.bos_token', 'chat_template_kwargs.bos_token'],
  ['toolChoice.name', 'tool_choice.function.name'],
  ['tools', 'tools'],
  ['tools[3]', 'tools[3]'],
  ['tools[3].name', 'tools[3].function.name'],
  ['tools[3].type', 'tools[3].type'],
  ['tools[0].parameters', parameters],
  ['responseFormat', 'response_format'],
  ['responseFormat.schema', schema],
  ['model', 'model'],
])('chat names the engine’s %s %s', (path, name) => {
  expect(chatField(path)).toBe(name);
});

test('completions name fields as chat does, and have a prompt instead of messages', () => {
  expect(completionNames.path(['topK'])).toEqual(['top_k']);
  expect(completionNames.prompt).toBe('prompt');
});

test('a name inside a schema stays as the user wrote it', () => {
  const step = fc.oneof(fc.string(), fc.nat(), fc.constantFrom('maxTokens', 'choices', 'toolCalls', 'properties'));
  fc.assert(
    fc.property(fc.array(step), (rest) => {
      expect(names.path(['responseFormat', 'schema', ...rest])).toEqual([
        'response_format',
        'json_schema',
        'schema',
        ...rest,
      ]);
      expect(chatNames.path(['tools', 0, 'parameters', ...rest])).toEqual([
        'tools',
        0,
        'function',
        'parameters',
        ...rest,
      ]);
    }),
  );
});

describe('an error about a schema', () => {
  test.each([
    [
      'responseFormat.schema.properties.maxTokens',
      'choices is no type; toolChoice: x',
      `${schema}.properties.maxTokens`,
    ],
    ['responseFormat.schema.properties["the age"].type', 'is not one', `${schema}.properties["the age"].type`],
    ['tools[0].parameters.properties["a: b"].pattern', 'is not supported', `${parameters}.properties["a: b"].pattern`],
    ['tools[0].parameters', 'is nested deeper than 64 levels', parameters],
  ])('at %s renames its path and keeps its message', (path, message, param) => {
    const { error } = openAiErrorBody(fieldError({ path: readPath(path).path, message }), names);
    expect(error).toMatchObject({ param, message: `${param}: ${message}` });
  });
});

test('an error that names several fields names each as chat does', () => {
  const issues = [
    { path: ['maxTokens'], message: 'must be at most 9' },
    { path: ['topP'], message: 'must be more than 0' },
    { path: ['id'], message: 'x' },
  ];
  expect(openAiErrorBody(fieldError(issues), chatNames).error).toMatchObject({
    param: 'max_tokens',
    message: 'max_tokens: must be at most 9; top_p: must be more than 0; id: x',
  });
});
