import { HeadwayError } from '@headway/protocol';
import { describe, expect, test } from 'vitest';

import { chatField, chatProse } from './chat-field.ts';
import { openAiErrorBody } from './openai-error.ts';

const schema = 'response_format.json_schema.schema';
const parameters = 'tools[0].function.parameters';

test.each([
  ['choices', 'n'],
  ['messages[2].toolCallId', 'messages[2].tool_call_id'],
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
  ['tools[3].function.name', 'tools[3].function.name'],
  ['tools[0].parameters', parameters],
  ['responseFormat', 'response_format'],
  ['responseFormat.schema', schema],
])('%s is %s', (path, there) => {
  expect(chatField(path)).toBe(there);
});

describe('below a schema nothing is renamed', () => {
  test.each(['.properties.age', '.properties.maxTokens', '.properties.choices.items', '.anyOf[1].toolCalls'])(
    '%s',
    (rest) => {
      expect(chatField(`responseFormat.schema${rest}`)).toBe(schema + rest);
      expect(chatField(`tools[0].parameters${rest}`)).toBe(parameters + rest);
      expect(chatField(schema + rest)).toBe(schema + rest);
      expect(chatField(parameters + rest)).toBe(parameters + rest);
    },
  );

  test.each([
    ['responseFormat.schema.properties.maxTokens: choices is no type; toolChoice: x', `${schema}.properties.maxTokens`],
    ['responseFormat.schema.properties.the age.type: is not one', `${schema}.properties.the age.type`],
    ['tools[0].parameters.properties["a: b"].pattern: is not supported', `${parameters}.properties["a`],
    ['tools[0].parameters: is nested deeper than 64 levels', parameters],
    ['tools[0].function.parameters.properties.topK: no', `${parameters}.properties.topK`],
  ])('%s', (message, param) => {
    const { error } = openAiErrorBody(new HeadwayError('invalid-request', message));
    expect(error.param).toBe(param);
    expect(error.message).toBe(param + message.slice(message.indexOf(': ')).replace(/^: b"\]/, ': b"]'));
  });
});

test('every field of a message that names several has its name there', () => {
  const { error } = openAiErrorBody(
    new HeadwayError('invalid-request', 'maxTokens: must be at most 9; topP: must be more than 0; id: x; and 2 more'),
  );
  expect(error).toMatchObject({
    param: 'max_tokens',
    message: 'max_tokens: must be at most 9; top_p: must be more than 0; id: x; and 2 more',
  });
});

test('sentences speak of fields by their names there, and repeat what is quoted', () => {
  expect(chatProse('send `toolCalls` first, or set toolChoice to \'none\', not "toolChoice" or x.toolChoice')).toBe(
    'send `tool_calls` first, or set tool_choice to \'none\', not "toolChoice" or x.toolChoice',
  );
  expect(chatProse('ask for fewer choices')).toBe('ask for fewer choices');
});
