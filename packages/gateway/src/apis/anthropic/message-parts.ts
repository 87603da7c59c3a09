import { HeadwayError, type FinishReason, type GenerationResult, type ToolCall, type Usage } from '@headway/protocol';

import type { ThinkingShown } from './request/messages-request.ts';

export type StopReason = 'end_turn' | 'stop_sequence' | 'max_tokens' | 'tool_use';

/**
 * What stands in the place of Anthropic's proof that a thought is the model's own. Its clients send it back with the
 * thought, and nobody here looks at either.
 */
export const unsigned = 'unsigned';

export interface MessageHead {
  /** The generation's id. */
  id: string;
  model: string;
}

/** How a choice ended. */
interface End {
  finishReason: FinishReason;
  stopString?: string | undefined;
}

/** Why a message ended, and at which of the client's stop sequences if it was one. */
export function stopOf({ finishReason, stopString }: End): { stop_reason: StopReason; stop_sequence: string | null } {
  const stop_reason = stopString === undefined ? stopReasonOf(finishReason) : 'stop_sequence';
  return { stop_reason, stop_sequence: stopString ?? null };
}

function stopReasonOf(reason: FinishReason): StopReason {
  switch (reason) {
    case 'stop':
    // Nobody reads it: a cancelled answer is an error here.
    case 'cancelled':
      return 'end_turn';
    case 'length':
      return 'max_tokens';
    case 'tool-calls':
      return 'tool_use';
    default:
      return reason satisfies never;
  }
}

/**
 * Here `input_tokens` are those that had to be read; what was cached is beside them. Nothing is charged for caching.
 * `thinkingTokens` are some of the completion's; null while there is none.
 */
export function usageOf({ promptTokens, cachedTokens, completionTokens }: Usage, thinkingTokens: number | null) {
  return {
    input_tokens: promptTokens - cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: completionTokens,
    output_tokens_details: thinkingTokens === null ? null : { thinking_tokens: thinkingTokens },
    server_tool_use: null,
  };
}

/** A message as it begins: without content, and without an end. */
export function messageOf({ id, model }: MessageHead, usage: ReturnType<typeof usageOf>) {
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [] as object[],
    stop_reason: null as StopReason | null,
    stop_sequence: null as string | null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: { ...usage, cache_creation: null, inference_geo: null, service_tier: null, speed: null },
  };
}

export const textBlockOf = (text: string) => ({ type: 'text', text, citations: null });
export const thinkingBlockOf = (thinking: string, signature: string) => ({ type: 'thinking', thinking, signature });
export const toolUseBlockOf = (id: string, name: string, input: unknown) => ({
  type: 'tool_use',
  id,
  name,
  input,
  caller: { type: 'direct' },
});

/** The body of an answer that is not streamed, of a generation that was not cancelled. */
export function messageBody(head: MessageHead, result: GenerationResult, thinking: ThinkingShown) {
  const { text, reasoning, reasoningTokens, toolCalls, usage } = result;
  return {
    ...messageOf(head, usageOf(usage, reasoningTokens)),
    content: [
      ...(reasoning !== '' && thinking !== 'none'
        ? [thinkingBlockOf(thinking === 'omitted' ? '' : reasoning, unsigned)]
        : []),
      ...(text === '' ? [] : [textBlockOf(text)]),
      ...toolCalls.map((call) => toolUseBlockOf(call.id, call.name, inputOf(call))),
    ],
    ...stopOf(result),
  };
}

/** @throws HeadwayError `internal` for arguments that are no JSON: whoever wrote them wrote by a grammar */
function inputOf({ name, arguments: args }: ToolCall): unknown {
  if (args.trim() === '') return {};
  try {
    return JSON.parse(args);
  } catch (cause) {
    throw new HeadwayError('internal', `the arguments of the call of ${name} are not JSON`, { cause });
  }
}
