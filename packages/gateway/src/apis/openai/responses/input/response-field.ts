import { renaming } from '../../../../surface/renaming.ts';
import type { FieldNames } from '../../../../surface/error-dialect.ts';
import type { MessageSource } from './conversation.ts';
import { fieldAt } from './item-place.ts';

/** The engine's names of fields, where OpenAI's Responses has others. */
const names = renaming({
  maxTokens: 'max_output_tokens',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  repeatPenalty: 'repeat_penalty',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  ignoreEos: 'ignore_eos',
  responseFormat: 'text.format',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  chatTemplateKwargs: 'chat_template_kwargs',
  logprobs: 'top_logprobs',
  messages: 'input',
});

const callFields: Readonly<Record<string, string>> = { id: 'call_id', name: 'name', arguments: 'arguments' };

/** The names of one request's fields: messages are told by the items they were made of. */
export function responseNames(sources: readonly MessageSource[] = []): FieldNames {
  return {
    field(path) {
      const [, index, rest = ''] = /^messages\[(\d+)\](.*)$/.exec(path) ?? [];
      if (index !== undefined) return fieldOfItem(sources[Number(index)], rest);
      return path.replace(/^\w+/, names.field);
    },
    prose: names.prose,
    prompt: 'input',
  };
}

function fieldOfItem(source: MessageSource | undefined, rest: string): string {
  if (!source) return 'input';
  const [, call, field] = /^\.toolCalls\[(\d+)\](?:\.(\w+))?/.exec(rest) ?? [];
  const at = call === undefined ? undefined : source.calls[Number(call)];
  if (at === undefined) return source.content;
  return field === undefined ? at : fieldAt(at, callFields[field] ?? field);
}
