import { fieldNames } from '../../surface/field-names.ts';
import { samplingNames } from '../../surface/sampling/sampling-table.ts';

/** Anthropic's names for the engine's fields. */
export const anthropicNames = fieldNames(
  {
    ...samplingNames('messages'),
    'tools[].parameters': 'tools[].input_schema',
    toolChoice: 'tool_choice',
    parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
    responseFormat: 'output_config.format',
    chatTemplateKwargs: 'chat_template_kwargs',
  },
  'messages',
);
