import type { GenerateInput } from '@headway/protocol';

import { given } from '../../../../surface/optional-field.ts';
import { readSampling } from '../../../../surface/sampling/sampling-request.ts';
import { templateKwargs } from '../../../../surface/sampling/template-kwargs.ts';
import { toConversation, type MessageSource, type PlacedItem } from './conversation.ts';
import { clientNames, flatTools, hostedIn, type ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import type { AskedTools } from '../../../../surface/tools/asked-tools.ts';
import { isAllowed, readTool, readToolChoice, type FunctionTool } from './function-tools.ts';
import type { AskedResponse } from './responses-request.ts';

export interface ReadRequest {
  input: GenerateInput;
  /** Where each message came from. */
  sources: MessageSource[];
  tools: AskedTools;
  /** What the client calls functions of its namespaces, by the name that the model knows. */
  toolNames: ReadonlyMap<string, ToolName>;
}

/**
 * The same request in the engine's terms, with the conversation that it is about. The engine refuses by name what it cannot do.
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
    ...given('chatTemplateKwargs', templateKwargs(request.chat_template_kwargs, { effort: request.reasoning?.effort })),
    ...given('logprobs', readLogprobs(request)),
    ...given('responseFormat', request.format?.format),
    ...given('tools', flat.length > 0 ? flat.map(({ tool }) => readTool(tool)) : null),
    ...given('toolChoice', readToolChoice(flat, tool_choice)),
    ...given('parallelToolCalls', request.parallel_tool_calls),
  };
  return {
    input,
    sources,
    tools: { leftOut: [...new Set(hostedIn<FunctionTool>(tools))], places: flat.map(({ place }) => place) },
    toolNames: clientNames<FunctionTool>(tools),
  };
}

/** `include` asks for them, and so does a number of alternatives. */
function readLogprobs({ include, top_logprobs }: AskedResponse): number | null {
  if (include?.includes('message.output_text.logprobs')) return top_logprobs ?? 0;
  return top_logprobs ? top_logprobs : null;
}
