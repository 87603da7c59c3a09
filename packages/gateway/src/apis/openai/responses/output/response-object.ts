import { generateRequest, type Timings, type Usage } from '@headway/protocol';

import type { AnswerHead } from '../../../../surface/generation-surface.ts';
import { timingsOf } from '../../completion-parts.ts';
import { offered, type HostedTool } from '../../../../surface/tools/hosted-tool.ts';
import { isNamespace } from '../../../../surface/tools/tool-namespaces.ts';
import type { FunctionTool, ResponseTool } from '../input/function-tools.ts';
import type { OutputItem } from './output-item.ts';
import { responseId } from './response-id.ts';
import type { AskedResponse } from '../input/responses-request.ts';

/** The state of a response. */
export interface ResponseState {
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';
  output: readonly OutputItem[];
  error?: { code: string | null; message: string };
  /** Left out until the response has ended. */
  cost?: { usage: Usage; reasoningTokens: number; timings: Timings };
}

/** OpenAI's object `response`, which repeats the request's fields, with llama.cpp's `timings`. */
export function responseObject(
  { id, model, created }: AnswerHead,
  request: AskedResponse,
  { status, output, error, cost }: ResponseState,
) {
  const { temperature, topP } = generateRequest.shape;
  const { max_output_tokens: limit } = request;
  return {
    id: responseId(id),
    object: 'response',
    created_at: created,
    status,
    error: error ?? null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: request.instructions ?? null,
    max_output_tokens: limit === -1 ? null : (limit ?? null),
    model,
    output,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    reasoning: null,
    store: request.store ?? true,
    temperature: temperature.parse(request.temperature ?? undefined),
    text: { format: formatOf(request) },
    tool_choice: request.tool_choice ?? 'auto',
    tools: offered(request.tools).map(toolOf),
    top_logprobs: request.top_logprobs ?? 0,
    top_p: topP.parse(request.top_p ?? undefined),
    truncation: 'disabled',
    ...(cost && { usage: usageOf(cost.usage, cost.reasoningTokens), timings: timingsOf(cost.usage, cost.timings) }),
    ...(typeof request.user === 'string' && { user: request.user }),
    metadata: request.metadata ?? {},
  };
}

function usageOf({ promptTokens, cachedTokens, completionTokens }: Usage, reasoningTokens: number) {
  return {
    input_tokens: promptTokens,
    // Headway does not measure cache writes.
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: promptTokens + completionTokens,
  };
}

function toolOf(tool: Exclude<ResponseTool, HostedTool>): object {
  if (isNamespace(tool)) {
    const { type, name, description, tools } = tool;
    return { type, name, description: description ?? null, tools: offered(tools).map(functionOf) };
  }
  return functionOf(tool);
}

function functionOf({ name, description, parameters, strict }: FunctionTool): object {
  return {
    type: 'function',
    name,
    description: description ?? null,
    parameters: parameters ?? null,
    strict: strict ?? false,
  };
}

function formatOf({ text, format: asked }: AskedResponse): object {
  const format = asked?.format;
  if (!format) return { type: 'text' };
  if (format.type !== 'json') return format;
  if (format.schema === undefined) return { type: 'json_object' };
  const { name, description } = nameAndDescription(text?.format);
  return {
    type: 'json_schema',
    name: typeof name === 'string' ? name : 'response',
    ...(typeof description === 'string' && { description }),
    schema: format.schema,
    strict: format.strict ?? false,
  };
}

function nameAndDescription(format: unknown): { name?: unknown; description?: unknown } {
  return typeof format === 'object' && format !== null ? format : {};
}
