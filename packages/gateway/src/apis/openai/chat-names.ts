import { fieldNames } from '../../surface/field-names.ts';
import { samplingNames } from '../../surface/sampling/sampling-table.ts';

/** The names of the engine's fields in OpenAI's chat. */
export const chatNames = fieldNames(
  {
    ...samplingNames('chat'),
    logprobs: 'top_logprobs',
    responseFormat: 'response_format',
    'tools[].name': 'tools[].function.name',
    'tools[].description': 'tools[].function.description',
    'tools[].parameters': 'tools[].function.parameters',
    'tools[].strict': 'tools[].function.strict',
    toolChoice: 'tool_choice',
    'toolChoice.name': 'tool_choice.function.name',
    parallelToolCalls: 'parallel_tool_calls',
    generationPrompt: 'add_generation_prompt',
    chatTemplateKwargs: 'chat_template_kwargs',
    'messages[].toolCalls': 'messages[].tool_calls',
    'messages[].toolCalls[].name': 'messages[].tool_calls[].function.name',
    'messages[].toolCalls[].arguments': 'messages[].tool_calls[].function.arguments',
    'messages[].toolCallId': 'messages[].tool_call_id',
  },
  'messages',
);

/** Their names in OpenAI's completions. */
export const completionNames = fieldNames(
  { ...samplingNames('completions'), responseFormat: 'response_format' },
  'prompt',
);
