import { Field, fieldError, formatPath, readPath, sentence } from '@headway/protocol';
import { expect, test } from 'vitest';

import { openAiErrorBody } from '../../openai-error.ts';
import { responseNames } from './response-names.ts';

const names = responseNames([
  { content: ['instructions'], calls: [] },
  {
    content: ['input', 1, 'content'],
    calls: [
      ['input', 2],
      ['input', 4],
    ],
  },
  { content: ['input', 5, 'output'], calls: [] },
]);

test.each([
  ['messages', 'input'],
  ['messages[0].content', 'instructions'],
  ['messages[1].content', 'input[1].content'],
  ['messages[1].toolCalls[1].id', 'input[4].call_id'],
  ['messages[1].toolCalls[0].arguments', 'input[2].arguments'],
  ['messages[1].toolCalls[1]', 'input[4]'],
  ['messages[2].toolCallId', 'input[5].output'],
  ['messages[9].content', 'input'],
  ['maxTokens', 'max_output_tokens'],
  ['toolChoice.name', 'tool_choice.name'],
  ['responseFormat', 'text.format'],
  ['responseFormat.schema.properties.topK.pattern', 'text.format.schema.properties.topK.pattern'],
  ['tools[0].parameters.properties.maxTokens.pattern', 'tools[0].parameters.properties.maxTokens.pattern'],
  ['model', 'model'],
])("Responses name the engine's %s %s", (path, name) => {
  expect(formatPath(names.path(readPath(path).path))).toBe(name);
});

test('a message mentions fields by their names in Responses', () => {
  const [ignoreEos, toolChoice] = [new Field('ignoreEos'), new Field('toolChoice')];
  const message = sentence`cannot be combined with ${ignoreEos}; leave one out, or set ${toolChoice} to 'none'`;
  expect(openAiErrorBody(fieldError({ path: ['responseFormat'], ...message }), names).error).toMatchObject({
    param: 'text.format',
    message: "text.format: cannot be combined with ignore_eos; leave one out, or set tool_choice to 'none'",
  });
});
