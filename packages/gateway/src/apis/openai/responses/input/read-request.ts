import { messageText, type GenerateInput, type Message } from '@headway/protocol';

import { placeSpans, type SpannedList } from '../../../../surface/content/place-spans.ts';
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
    ...optionalField('spans', placeSpans(request.spans, spannedInput(items, messages, sources))),
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

/** An `input` that is a text has one entry. */
function spannedInput(
  items: readonly PlacedItem[],
  messages: readonly Message[],
  sources: readonly MessageSource[],
): SpannedList {
  const entries = items.flatMap(({ place: [field, at] }) =>
    field === 'input' ? [typeof at === 'number' ? at : 0] : [],
  );
  return {
    name: 'input',
    length: Math.max(0, ...entries.map((at) => at + 1)),
    placeOf(entry) {
      const index = sources.findIndex(({ content: [field, at = 0] }) => field === 'input' && at === entry);
      const message = messages[index];
      return message && { message: index, offset: 0, length: messageText(message.content).length };
    },
  };
}

/** The number of alternatives. A request asks for log-probabilities with `include`, with this number, or both. */
function readLogprobs({ include, top_logprobs }: AskedResponse): number | null {
  if (include?.includes('message.output_text.logprobs')) return top_logprobs ?? 0;
  return top_logprobs ? top_logprobs : null;
}
