import { renaming } from '../../surface/renaming.ts';

/** The engine's names of fields, where OpenAI's chat and completions have others. */
const names = renaming({
  choices: 'n',
  maxTokens: 'max_tokens',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  repeatPenalty: 'repeat_penalty',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  ignoreEos: 'ignore_eos',
  responseFormat: 'response_format',
  toolChoice: 'tool_choice',
  toolCalls: 'tool_calls',
  toolCallId: 'tool_call_id',
  parallelToolCalls: 'parallel_tool_calls',
  generationPrompt: 'add_generation_prompt',
  chatTemplateKwargs: 'chat_template_kwargs',
  cachePrompt: 'cache_prompt',
});

/** Where OpenAI nests deeper than the engine; what follows in such a schema is the user's own and stays as it is. */
const places: readonly [RegExp, string][] = [
  [/^responseFormat\.(schema|strict)(?![^.[])/, 'response_format.json_schema.$1'],
  [/^(tools\[\d+\])\.(name|description|parameters|strict)(?![^.[])/, '$1.function.$2'],
  [/^toolChoice\.name$/, 'tool_choice.function.name'],
  [/^(messages\[\d+\])\.toolCalls(\[\d+\])\.(name|arguments)$/, '$1.tool_calls$2.function.$3'],
];

/** A field's path as OpenAI's chat has it: `tools[0].parameters.type` is `tools[0].function.parameters.type` there. */
export function chatField(path: string): string {
  for (const [place, there] of places) if (place.test(path)) return path.replace(place, there);
  return isOpenAiPath(path) ? path : path.replace(/\w+/g, names.field);
}

/** Fields that a sentence speaks of by the engine's names, unless somebody's words are quoted. */
export const chatProse = names.prose;

/** Schemas that were refused on the way in have OpenAI's path already, and below it nothing is ours to rename. */
function isOpenAiPath(path: string): boolean {
  return /^(tools\[\d+\]\.function|response_format\.(json_)?schema)(?![^.[])/.test(path);
}
