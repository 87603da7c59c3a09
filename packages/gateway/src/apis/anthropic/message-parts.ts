import { HeadwayError, type FinishReason, type GenerationResult, type ToolCall, type Usage } from '@headway/protocol';

import type { ThinkingShown } from './request/messages-request.ts';

export type StopReason = 'end_turn' | 'stop_sequence' | 'max_tokens' | 'tool_use';

/**
 * A placeholder for the signature with which Anthropic proves that a thinking block is the model's. Clients send it
 * back with the block; Headway ignores it.
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

/** Why a message ended, and the stop sequence that ended it. */
export function stopOf({ finishReason, stopString }: End): { stop_reason: StopReason; stop_sequence: string | null } {
  const stop_reason = stopString === undefined ? stopReasonOf(finishReason) : 'stop_sequence';
  return { stop_reason, stop_sequence: stopString ?? null };
}

function stopReasonOf(reason: FinishReason): StopReason {
  switch (reason) {
    case 'stop':
    // Never sent: this API reports a cancelled answer as an error.
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
 * In this API `input_tokens` excludes the cached tokens, which have a field of their own. `thinkingTokens` are part of
 * the completion tokens; null before the first token.
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

/** A message at its start, without content and stop reason. */
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

/** The body of an unstreamed answer, for a generation that was not cancelled. */
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

/** @throws HeadwayError `internal` for arguments that are not JSON, which the grammar should make impossible */
function inputOf({ name, arguments: args }: ToolCall): unknown {
  if (args.trim() === '') return {};
  try {
    return JSON.parse(args);
  } catch (cause) {
    throw new HeadwayError('internal', `the arguments of the call ${name} are not JSON`, { cause });
  }
}
