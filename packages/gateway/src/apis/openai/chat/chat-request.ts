import {
  addIssues,
  chatTemplateKwargs,
  generateRequest,
  jsonSchema,
  type GenerateInput,
  type Message,
} from '@headway/protocol';
import { z } from 'zod';

import { askedFormat, formatFields } from '../../../surface/formats/asked-format.ts';
import { askedTools, type AskedTools } from '../../../surface/tools/asked-tools.ts';
import { orHostedTool, offered } from '../../../surface/tools/hosted-tool.ts';
import { chatMessage, toMessage, unreadable } from './chat-message.ts';
import { optionalField } from '../../../surface/optional-field.ts';
import { chunkFields, commonFields, readSampling, samplingFaults } from '../../../surface/sampling/sampling-request.ts';
import { samplingFields, tokenLimit } from '../../../surface/sampling/sampling-table.ts';
import { reasoningEffort, templateKwargs } from '../../../surface/sampling/template-kwargs.ts';

const tool = z.object({
  type: z.literal('function', {
    error: ({ input }) => `tools of type ${JSON.stringify(input)} are not supported; send tools of type "function"`,
  }),
  function: z.object({
    name: z.string(),
    description: z.string().nullish(),
    parameters: jsonSchema.nullish(),
    strict: z.boolean().nullish(),
  }),
});

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.discriminatedUnion('type', [
    // Hugging Face's clients name a function without the type.
    z.object({ type: z.literal('function').optional(), function: z.object({ name: z.string() }) }),
    z.object({
      type: z.literal('allowed_tools'),
      allowed_tools: z.object({
        mode: z.enum(['auto', 'required']),
        tools: z.array(
          orHostedTool(z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) })),
        ),
      }),
    }),
  ]),
]);

/** The predecessor of tools. Ignoring it would return prose to a program that expects a call. */
const functions = z.array(z.unknown()).max(0, 'is the old form of `tools`; send the functions as tools').nullish();
const functionCall = z
  .enum(['none', 'auto'], { error: 'is the old form of `tool_choice`; send `tools` and `tool_choice`' })
  .nullish();

/**
 * The body of `POST /v1/chat/completions` with OpenAI's fields and llama.cpp's extensions. Unknown fields are ignored:
 * clients send new ones every month.
 */
export const chatRequest = z
  .object({
    ...commonFields,
    ...chunkFields,
    ...samplingFields('chat'),
    messages: z.array(chatMessage).min(1),
    /** Takes precedence over `max_tokens`, its older name. */
    max_completion_tokens: tokenLimit,
    logprobs: z.boolean().nullish(),
    top_logprobs: generateRequest.shape.logprobs.unwrap().nullish(),
    ...formatFields,
    tools: z.array(orHostedTool(tool)).nullish(),
    tool_choice: toolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    functions,
    function_call: functionCall,
    reasoning_effort: reasoningEffort.nullish(),
    chat_template_kwargs: chatTemplateKwargs.nullish(),
    /** vLLM's and llama.cpp's pair of fields: false for the first asks for the same as true for the second. */
    add_generation_prompt: z.boolean().nullish(),
    continue_final_message: z.boolean().nullish(),
  })
  .transform((request, context) => {
    const { messages, add_generation_prompt: begins, continue_final_message: goesOn } = request;
    if (begins && goesOn) {
      const message = 'cannot be combined with add_generation_prompt; send one of them';
      context.addIssue({ code: 'custom', path: ['continue_final_message'], message });
    }
    const { asked: format, faults } = askedFormat(request);
    addIssues(context, unreadable(messages));
    addIssues(context, samplingFaults(request, 'chat', [['n_predict', 'max_completion_tokens']]));
    addIssues(context, faults);
    return { ...request, format };
  });

export type ChatRequest = z.output<typeof chatRequest>;

/** Converts the request to the engine's format. The engine refuses by name the fields that it does not support. */
export function toGenerateInput(request: ChatRequest): GenerateInput {
  const { messages, max_tokens, max_completion_tokens, logprobs: wanted, top_logprobs } = request;
  const tools = offered(request.tools).filter(isAllowed(request));
  return {
    ...readSampling({ ...request, max_tokens: max_completion_tokens ?? max_tokens }, 'chat'),
    messages: messages.map((message): Message => toMessage(message)),
    ...optionalField(
      'chatTemplateKwargs',
      templateKwargs(request.chat_template_kwargs, { effort: request.reasoning_effort }),
    ),
    ...optionalField('spans', request.spans),
    ...optionalField('logprobs', wanted ? (top_logprobs ?? 0) : null),
    ...optionalField('responseFormat', request.format?.format),
    ...optionalField('tools', tools.length > 0 ? tools.map(readTool) : null),
    ...optionalField('toolChoice', readToolChoice(request)),
    ...optionalField('parallelToolCalls', request.parallel_tool_calls),
    ...optionalField(
      'generationPrompt',
      request.add_generation_prompt === false || request.continue_final_message ? false : null,
    ),
  };
}

/** The request's tools, sorted into kept and left-out ones. */
export function toolsOf(request: ChatRequest): AskedTools {
  return askedTools(request.tools, { keeps: isAllowed(request) });
}

/** With `allowed_tools` the model gets only the tools that it may call. */
function isAllowed({ tool_choice: choice }: ChatRequest): (asked: z.output<typeof tool>) => boolean {
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return () => true;
  const names = new Set(offered(choice.allowed_tools.tools).map(({ function: { name } }) => name));
  return ({ function: { name } }) => names.has(name);
}

function readTool({ function: { name, description, parameters, strict } }: z.output<typeof tool>) {
  return {
    name,
    ...optionalField('description', description),
    ...optionalField('parameters', parameters),
    ...optionalField('strict', strict),
  };
}

/** Null for `auto` and `none` without tools, where they have no effect. */
function readToolChoice(request: ChatRequest): GenerateInput['toolChoice'] | null {
  const { tools, tool_choice: choice } = request;
  if (!choice) return null;
  const asked = typeof choice === 'string' || choice.type !== 'allowed_tools' ? choice : choice.allowed_tools.mode;
  if (typeof asked !== 'string') return { name: asked.function.name };
  const any = offered(tools).some(isAllowed(request));
  return !any && (asked === 'auto' || asked === 'none') ? null : asked;
}
