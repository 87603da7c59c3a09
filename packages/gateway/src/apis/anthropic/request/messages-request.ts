import { addIssues, chatTemplateKwargs, jsonSchema, tool, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { placeSpans } from '../../../surface/content/place-spans.ts';
import { optionalField } from '../../../surface/optional-field.ts';
import { commonFields, readSampling, samplingFaults } from '../../../surface/sampling/sampling-request.ts';
import { samplingFields } from '../../../surface/sampling/sampling-table.ts';
import { templateKwargs } from '../../../surface/sampling/template-kwargs.ts';
import { askedTools, type AskedTools } from '../../../surface/tools/asked-tools.ts';
import { orHostedTool, offered } from '../../../surface/tools/hosted-tool.ts';
import { anthropicMessage, textContent, unreadable } from './content-blocks.ts';
import { isLoaded } from './deferred-tools.ts';
import { instructionsOf } from './instructions.ts';
import { conversationFaults, textPlaces, toMessages } from './conversation.ts';

const clientTool = z.object({
  type: z
    .literal('custom', {
      error: ({ input }) =>
        `tools of type ${JSON.stringify(input)} are not supported; send your own, with name and input_schema`,
    })
    .nullish(),
  name: tool.shape.name,
  description: tool.shape.description.unwrap().nullish(),
  input_schema: jsonSchema,
  /** Whether the model gets the tool only after another tool has found it. */
  defer_loading: z.boolean().nullish(),
  strict: z.boolean().nullish(),
});

const oneAtATime = { disable_parallel_tool_use: z.boolean().nullish() };

const toolChoice = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auto'), ...oneAtATime }),
  z.object({ type: z.literal('any'), ...oneAtATime }),
  z.object({ type: z.literal('none') }),
  z.object({ type: z.literal('tool'), name: z.string(), ...oneAtATime }),
]);

const jsonFormat = z.object({ type: z.literal('json_schema'), schema: jsonSchema });

const fields = z.object({
  ...commonFields,
  ...samplingFields('messages'),
  messages: z.array(anthropicMessage).min(1),
  system: textContent.nullish(),
  tools: z.array(orHostedTool(clientTool)).nullish(),
  /** Servers whose tools Anthropic would call; the gateway leaves them out. */
  mcp_servers: z.array(z.unknown()).nullish(),
  tool_choice: toolChoice.nullish(),
  /**
   * Whether the model reasons, if its template has a variable for that; the gateway ignores the budget. The client gets no
   * thinking block if `disabled`, an empty one if `display` is `omitted`, else the whole text.
   */
  thinking: z
    .object({
      type: z.enum(['enabled', 'disabled', 'adaptive', 'between_tools']),
      budget_tokens: z.int().min(1).nullish(),
      /** Any value but `omitted` shows the whole text. */
      display: z.string().nullish(),
    })
    .nullish(),
  output_config: z.object({ format: jsonFormat.nullish() }).nullish(),
  /** The name of `output_config.format` during its beta. */
  output_format: jsonFormat.nullish(),
  stream: z.boolean().nullish(),
  chat_template_kwargs: chatTemplateKwargs.nullish(),
});

const countTokens = fields.extend({ max_tokens: fields.shape.max_tokens.nullish() });

/**
 * The body of `POST /v1/messages` in Anthropic's format. It ignores unknown fields, since clients send new ones every
 * month. null means absent.
 */
export const messagesRequest = fields.superRefine(checkConversation);

/** The body of `POST /v1/messages/count_tokens`: the same, but `max_tokens` is optional, since the model writes nothing. */
export const countTokensRequest = countTokens.superRefine(checkConversation);

export type MessagesRequest = z.output<typeof messagesRequest>;
type CountTokensRequest = z.output<typeof countTokensRequest>;

/** Converts the request to the engine's format. The engine refuses by name the fields that it does not support. */
export function toGenerateInput(request: CountTokensRequest): GenerateInput {
  const { system, messages, tool_choice: choice } = request;
  const tools = offered(request.tools).filter(isLoaded(request));
  const instructions = instructionsOf(system);
  return {
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system' as const, content: instructions }]),
      ...toMessages(messages),
    ],
    ...optionalField('chatTemplateKwargs', templateKwargs(request.chat_template_kwargs, { thinks: thinks(request) })),
    ...optionalField('spans', readSpans(request, instructions === '' ? 0 : 1)),
    ...readSampling(request, 'messages'),
    ...optionalField('tools', tools.length > 0 ? tools.map(readTool) : null),
    ...optionalField('toolChoice', readToolChoice(request)),
    ...optionalField(
      'parallelToolCalls',
      choice && choice.type !== 'none' && choice.disable_parallel_tool_use ? false : null,
    ),
    ...optionalField('responseFormat', readFormat(request)),
  };
}

/** `before`: messages before the conversation. */
function readSpans({ spans, messages }: CountTokensRequest, before: number) {
  if (!spans?.length) return null;
  const places = textPlaces(messages);
  const placeOf = (entry: number) => {
    const place = places.get(entry);
    return place && { ...place, message: place.message + before };
  };
  return placeSpans(spans, { name: 'messages', length: messages.length, placeOf });
}

/** The request's tools, sorted into kept and left-out ones. */
export function toolsOf(request: CountTokensRequest): AskedTools {
  const others = request.mcp_servers?.length ? ['mcp_servers'] : [];
  return askedTools(request.tools, { others, keeps: isLoaded(request) });
}

export type ThinkingShown = 'all' | 'omitted' | 'none';

/** How much of the model's reasoning the client gets. */
export function thinkingShown({ thinking }: Pick<MessagesRequest, 'thinking'>): ThinkingShown {
  if (thinking?.type === 'disabled') return 'none';
  return thinking?.display === 'omitted' ? 'omitted' : 'all';
}

/** Whether the model should reason; null if the request leaves it open. */
function thinks({ thinking }: CountTokensRequest): boolean | null {
  switch (thinking?.type) {
    case 'enabled':
    case 'adaptive':
      return true;
    case 'disabled':
      return false;
    default:
      return null;
  }
}

function checkConversation(request: z.output<typeof countTokens>, context: z.RefinementCtx): void {
  const { messages, output_config, output_format } = request;
  const [format, older] = [output_config?.format, output_format];
  if (format && older && JSON.stringify(format) !== JSON.stringify(older)) {
    const message = 'differs from output_config.format, its newer name; send one of them';
    context.addIssue({ code: 'custom', path: ['output_format'], message });
  }
  addIssues(context, samplingFaults(request, 'messages'));
  addIssues(context, conversationFaults(messages));
  addIssues(context, unreadable(messages));
}

function readTool({ name, description, input_schema, strict }: z.output<typeof clientTool>) {
  return {
    name,
    parameters: input_schema,
    ...optionalField('description', description),
    ...optionalField('strict', strict),
  };
}

/** Null for `auto` and `none` without tools, where they have no effect. */
function readToolChoice(request: CountTokensRequest): GenerateInput['toolChoice'] | null {
  const { tools, tool_choice: choice } = request;
  if (!choice || (!offered(tools).some(isLoaded(request)) && (choice.type === 'auto' || choice.type === 'none')))
    return null;
  switch (choice.type) {
    case 'auto':
    case 'none':
      return choice.type;
    case 'any':
      return 'required';
    case 'tool':
      return { name: choice.name };
    default:
      return choice satisfies never;
  }
}

function readFormat({ output_config, output_format }: CountTokensRequest): GenerateInput['responseFormat'] | null {
  const format = output_config?.format ?? output_format;
  return format ? { type: 'json', schema: format.schema } : null;
}
