import { Field, fieldError, formatPath, readPath, sentence } from '@headway/protocol';
import { expect, test } from 'vitest';

import { openAiErrorBody } from '../../openai-error.ts';
import { responseNames } from './response-names.ts';

const names = responseNames([
  { content: 'instructions', calls: [] },
  { content: 'input[1].content', calls: ['input[2]', 'input[4]'] },
  { content: 'input[5].output', calls: [] },
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
])("the engine's %s is %s here", (path, there) => {
  expect(formatPath(names.path(readPath(path).path))).toBe(there);
});

test('a sentence names fields as Responses do', () => {
  const [ignoreEos, toolChoice] = [new Field('ignoreEos'), new Field('toolChoice')];
  const message = sentence`does not go with ${ignoreEos}; leave one out, or set ${toolChoice} to 'none'`;
  expect(openAiErrorBody(fieldError({ path: ['responseFormat'], ...message }), names).error).toMatchObject({
    param: 'text.format',
    message: "text.format: does not go with ignore_eos; leave one out, or set tool_choice to 'none'",
  });
});
