import type { FieldPath } from '@headway/protocol';

import { fieldNames, type FieldNames } from '../../../../surface/field-names.ts';
import { samplingNames } from '../../../../surface/sampling/sampling-table.ts';
import type { MessageSource } from './conversation.ts';
import { fieldAt } from './item-place.ts';

const names = fieldNames(
  {
    ...samplingNames('responses'),
    logprobs: 'top_logprobs',
    responseFormat: 'text.format',
    toolChoice: 'tool_choice',
    parallelToolCalls: 'parallel_tool_calls',
    chatTemplateKwargs: 'chat_template_kwargs',
    messages: 'input',
  },
  'input',
);

const callFields: Readonly<Record<string, string>> = { id: 'call_id', name: 'name', arguments: 'arguments' };

/** The names of the engine's fields in one request to Responses. A message has the path of the item that it comes from. */
export function responseNames(sources: readonly MessageSource[] = []): FieldNames {
  return {
    ...names,
    path(path) {
      const [field, index, ...inside] = path;
      if (field !== 'messages' || typeof index !== 'number') return names.path(path);
      return placeOf(sources[index], inside);
    },
  };
}

/** The path in the request that a field of a message comes from. */
function placeOf(source: MessageSource | undefined, [list, call, field]: FieldPath): FieldPath {
  if (!source) return ['input'];
  const at = list === 'toolCalls' && typeof call === 'number' ? source.calls[call] : undefined;
  if (at === undefined) return source.content;
  return field === undefined ? at : fieldAt(at, callFields[field] ?? String(field));
}
