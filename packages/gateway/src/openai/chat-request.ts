import { generateRequest, jsonSchema, type GenerateInput, type Message } from '@headway/protocol';
import { z } from 'zod';

import { chatMessage, toMessage } from './chat-message.ts';

const { maxTokens, temperature, topP, topK, minP, repeatPenalty, ignoreEos, stop, logprobs } = generateRequest.shape;

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string(),
    description: z.string().nullish(),
    parameters: jsonSchema.nullish(),
  }),
});

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({ type: z.literal('json_schema'), json_schema: z.object({ schema: jsonSchema.nullish() }) }),
]);

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
]);

/** -1 is how llama.cpp and LM Studio say "no limit". */
const limit = z.union([z.literal(-1), maxTokens.unwrap()]).nullish();

/**
 * The body of `POST /v1/chat/completions`, as OpenAI has it and llama.cpp extends it. Unknown fields are ignored, since
 * clients send new ones every month; null is the same as left out.
 */
export const chatRequest = z.object({
  model: generateRequest.shape.model.unwrap().nullish(),
  messages: z.array(chatMessage).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
  temperature: temperature.unwrap().nullish(),
  top_p: topP.unwrap().nullish(),
  top_k: z.union([z.literal(-1), topK.unwrap()]).nullish(),
  min_p: minP.unwrap().nullish(),
  repeat_penalty: repeatPenalty.unwrap().nullish(),
  seed: z.number().refine(Number.isInteger, 'is not a whole number').nullish(),
  stop: stop.unwrap().nullish(),
  ignore_eos: ignoreEos.unwrap().nullish(),
  n: z.int().min(1).max(128).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: logprobs.unwrap().nullish(),
  response_format: responseFormat.nullish(),
  tools: z.array(tool).nullish(),
  tool_choice: toolChoice.nullish(),
  return_progress: z.boolean().nullish(),
  // Understood, and always so: the prompt is cached whenever it can be.
  cache_prompt: z.boolean().nullish(),
});

export type ChatRequest = z.output<typeof chatRequest>;

/** The same request in the engine's terms, which refuses by name what it cannot do. */
export function toGenerateInput(request: ChatRequest): GenerateInput {
  const { messages, max_tokens, max_completion_tokens, top_k, n, logprobs: wanted, top_logprobs, tools } = request;
  const limited = max_completion_tokens ?? max_tokens;
  return {
    messages: messages.map((message): Message => toMessage(message)),
    ...given('model', request.model),
    ...given('maxTokens', limited === -1 ? null : limited),
    ...given('temperature', request.temperature),
    ...given('topP', request.top_p),
    ...given('topK', top_k === -1 ? 0 : top_k),
    ...given('minP', request.min_p),
    ...given('repeatPenalty', request.repeat_penalty),
    ...given('seed', foldSeed(request.seed)),
    ...given('stop', request.stop),
    ...given('ignoreEos', request.ignore_eos),
    ...given('choices', n),
    ...given('logprobs', wanted ? (top_logprobs ?? 0) : null),
    ...given('responseFormat', readResponseFormat(request.response_format)),
    ...given('tools', tools?.length ? tools.map(readTool) : null),
    ...given('toolChoice', readToolChoice(request)),
  };
}

function given<Key extends string, Value>(key: Key, value: Value | null | undefined): { [K in Key]?: Value } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}

/** Seeds are any whole numbers there and 32 bits here; -1 is llama.cpp's word for a new one each time. */
export function foldSeed(seed: number | null | undefined): number | null {
  if (seed === null || seed === undefined || seed === -1) return null;
  return ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

function readTool({ function: { name, description, parameters } }: z.output<typeof tool>) {
  return { name, ...given('description', description), ...given('parameters', parameters) };
}

function readResponseFormat(format: ChatRequest['response_format']): GenerateInput['responseFormat'] | null {
  if (!format || format.type === 'text') return null;
  return { type: 'json', ...given('schema', format.type === 'json_schema' ? format.json_schema.schema : null) };
}

/** Without tools there is nothing to choose: `auto` and `none` say nothing then. */
function readToolChoice({ tools, tool_choice: choice }: ChatRequest): GenerateInput['toolChoice'] | null {
  if (!choice || (!tools?.length && (choice === 'auto' || choice === 'none'))) return null;
  return typeof choice === 'string' ? choice : { name: choice.function.name };
}
