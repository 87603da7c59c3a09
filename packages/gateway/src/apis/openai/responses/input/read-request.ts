import type { GenerateInput } from '@headway/protocol';

import { optionalField } from '../../../../surface/optional-field.ts';
import { readSampling } from '../../../../surface/sampling/sampling-request.ts';
import { templateKwargs } from '../../../../surface/sampling/template-kwargs.ts';
import { toConversation, type MessageSource, type PlacedItem } from './conversation.ts';
import { clientNames, flatTools, hostedIn, type ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import type { AskedTools } from '../../../../surface/tools/asked-tools.ts';
import { isAllowed, readTool, readToolChoice, type FunctionTool } from './function-tools.ts';
import type { AskedResponse } from './responses-request.ts';

export interface ReadRequest {
  input: GenerateInput;
  /** The place of each message in the request. */
  sources: MessageSource[];
  tools: AskedTools;
  /** The client's names for functions in namespaces, by the name that the model sees. */
  toolNames: ReadonlyMap<string, ToolName>;
}

/**
 * Converts a request and its conversation to the engine's format. The engine names the fields that it does not support
 * when it refuses them.
 *
 * @throws HeadwayError `invalid-request` as `toConversation` does
 */
export function readRequest(request: AskedResponse, items: readonly PlacedItem[]): ReadRequest {
  const { tools, tool_choice } = request;
  const allows = isAllowed(tool_choice);
  const flat = flatTools<FunctionTool>(tools).filter(({ tool: { name } }) => allows(name));
  const { messages, sources } = toConversation(request.instructions ?? null, items);
  const input: GenerateInput = {
    ...readSampling(request, 'responses'),
    messages,
    ...optionalField(
      'chatTemplateKwargs',
      templateKwargs(request.chat_template_kwargs, { effort: request.reasoning?.effort }),
    ),
    ...optionalField('logprobs', readLogprobs(request)),
    ...optionalField('responseFormat', request.format?.format),
    ...optionalField('tools', flat.length > 0 ? flat.map(({ tool }) => readTool(tool)) : null),
    ...optionalField('toolChoice', readToolChoice(flat, tool_choice)),
    ...optionalField('parallelToolCalls', request.parallel_tool_calls),
  };
  return {
    input,
    sources,
    tools: { leftOut: [...new Set(hostedIn<FunctionTool>(tools))], places: flat.map(({ place }) => place) },
    toolNames: clientNames<FunctionTool>(tools),
  };
}

/** The number of alternatives. A request asks for log-probabilities with `include`, with this number, or both. */
function readLogprobs({ include, top_logprobs }: AskedResponse): number | null {
  if (include?.includes('message.output_text.logprobs')) return top_logprobs ?? 0;
  return top_logprobs ? top_logprobs : null;
}
