import { addIssues, chatTemplateKwargs, jsonSchema, tool, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { given } from '../../../surface/optional-field.ts';
import { commonFields, readSampling, samplingFaults } from '../../../surface/sampling/sampling-request.ts';
import { samplingFields } from '../../../surface/sampling/sampling-table.ts';
import { templateKwargs } from '../../../surface/sampling/template-kwargs.ts';
import { askedTools, type AskedTools } from '../../../surface/tools/asked-tools.ts';
import { hostedOr, offered } from '../../../surface/tools/hosted-tool.ts';
import { anthropicMessage, textContent, unreadable } from './content-blocks.ts';
import { isLoaded } from './deferred-tools.ts';
import { instructionsOf } from './instructions.ts';
import { conversationFaults, toMessages } from './conversation.ts';

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
  /** Not told of before another tool finds it. */
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
  tools: z.array(hostedOr(clientTool)).nullish(),
  /** Servers whose tools Anthropic would call: left out. */
  mcp_servers: z.array(z.unknown()).nullish(),
  tool_choice: toolChoice.nullish(),
  /**
   * Whether to think, as far as the model's template lets it be told; never for how long. What is shown of it: nothing
   * when `disabled`, an empty block when `display` is `omitted`, else all.
   */
  thinking: z
    .object({
      type: z.enum(['enabled', 'disabled', 'adaptive', 'between_tools']),
      budget_tokens: z.int().min(1).nullish(),
      /** Any word but `omitted` shows all. */
      display: z.string().nullish(),
    })
    .nullish(),
  output_config: z.object({ format: jsonFormat.nullish() }).nullish(),
  /** What `output_config.format` was called in beta. */
  output_format: jsonFormat.nullish(),
  stream: z.boolean().nullish(),
  chat_template_kwargs: chatTemplateKwargs.nullish(),
});

const countTokens = fields.extend({ max_tokens: fields.shape.max_tokens.nullish() });

/**
 * The body of `POST /v1/messages`, as Anthropic has it. Unknown fields are ignored, since clients send new ones every
 * month; null is the same as left out.
 */
export const messagesRequest = fields.superRefine(checkConversation);

/** The body of `POST /v1/messages/count_tokens`: the same, but that nothing is written and so nothing limited. */
export const countTokensRequest = countTokens.superRefine(checkConversation);

export type MessagesRequest = z.output<typeof messagesRequest>;
type CountTokensRequest = z.output<typeof countTokensRequest>;

/** The same request in the engine's terms, which refuses by name what it cannot do. */
export function toGenerateInput(request: CountTokensRequest): GenerateInput {
  const { system, messages, tool_choice: choice } = request;
  const tools = offered(request.tools).filter(isLoaded(request));
  const instructions = instructionsOf(system);
  return {
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system' as const, content: instructions }]),
      ...toMessages(messages),
    ],
    ...given('chatTemplateKwargs', templateKwargs(request.chat_template_kwargs, { thinks: thinks(request) })),
    ...readSampling(request, 'messages'),
    ...given('tools', tools.length > 0 ? tools.map(readTool) : null),
    ...given('toolChoice', readToolChoice(request)),
    ...given('parallelToolCalls', choice && choice.type !== 'none' && choice.disable_parallel_tool_use ? false : null),
    ...given('responseFormat', readFormat(request)),
  };
}

/** What became of the tools. */
export function toolsOf(request: CountTokensRequest): AskedTools {
  const others = request.mcp_servers?.length ? ['mcp_servers'] : [];
  return askedTools(request.tools, { others, keeps: isLoaded(request) });
}

export type ThinkingShown = 'all' | 'omitted' | 'none';

/** How much of the model's thoughts the client wants to see. */
export function thinkingShown({ thinking }: Pick<MessagesRequest, 'thinking'>): ThinkingShown {
  if (thinking?.type === 'disabled') return 'none';
  return thinking?.display === 'omitted' ? 'omitted' : 'all';
}

/** Null when nothing is said. */
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
    const message = 'is not what output_config.format says, its newer name; send one of them';
    context.addIssue({ code: 'custom', path: ['output_format'], message });
  }
  addIssues(context, samplingFaults(request, 'messages'));
  addIssues(context, conversationFaults(messages));
  addIssues(context, unreadable(messages));
}

function readTool({ name, description, input_schema, strict }: z.output<typeof clientTool>) {
  return { name, parameters: input_schema, ...given('description', description), ...given('strict', strict) };
}

/** Without tools there is nothing to choose: `auto` and `none` say nothing then. */
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
