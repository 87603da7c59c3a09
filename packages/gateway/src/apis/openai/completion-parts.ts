import type { ChoiceResult, FinishReason, GenerationResult, Timings, ToolCall, Usage } from '@headway/protocol';

import type { AnswerHead } from '../../surface/generation-surface.ts';
import { headwayVersion } from '../../version.ts';
import { chatLogprobs } from './chat-logprobs.ts';

/** OpenAI's `system_fingerprint`, by which clients compare the software behind two answers. */
export const systemFingerprint = `headway-${headwayVersion}`;

/**
 * A cancelled choice of several was cut, as by a limit. A generation that was cancelled as a whole is an error in these APIs
 * (`cancelledByViewer`).
 */
export function finishReasonOf(reason: FinishReason): 'stop' | 'length' | 'tool_calls' {
  switch (reason) {
    case 'stop':
      return 'stop';
    case 'cancelled':
    case 'length':
      return 'length';
    case 'tool-calls':
      return 'tool_calls';
    default:
      return reason satisfies never;
  }
}

/** The usage of all choices, which share one prompt. Reasoning tokens are part of the completion tokens. */
export function usageOf(choices: readonly Usage[], reasoningTokens: number) {
  const { promptTokens = 0, cachedTokens = 0 } = choices[0] ?? {};
  const completionTokens = choices.reduce((sum, usage) => sum + usage.completionTokens, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}

/** The usage of all choices of a result. */
export function resultUsage({ choices }: GenerationResult) {
  return usageOf(
    choices.map(({ usage }) => usage),
    choices.reduce((sum, { reasoningTokens }) => sum + reasoningTokens, 0),
  );
}

/** The `timings` of llama.cpp's server; `prompt_n` excludes cached tokens. */
export function timingsOf(
  { promptTokens, cachedTokens, completionTokens }: Usage,
  { prefillMs, decodeMs }: Pick<Timings, 'prefillMs' | 'decodeMs'>,
) {
  const promptN = promptTokens - cachedTokens;
  return {
    cache_n: cachedTokens,
    prompt_n: promptN,
    prompt_ms: prefillMs,
    prompt_per_token_ms: ratio(prefillMs, promptN),
    prompt_per_second: ratio(promptN * 1000, prefillMs),
    predicted_n: completionTokens,
    predicted_ms: decodeMs,
    predicted_per_token_ms: ratio(decodeMs, completionTokens),
    predicted_per_second: ratio(completionTokens * 1000, decodeMs),
  };
}

export function toolCallOf({ id, name, arguments: args }: ToolCall) {
  return { id, type: 'function', function: { name, arguments: args } };
}

/** The body of an unstreamed chat answer. */
export function chatCompletion(head: AnswerHead, result: GenerationResult) {
  const { choices, usage, timings } = result;
  return {
    id: `chatcmpl-${head.id}`,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    system_fingerprint: systemFingerprint,
    choices: choices.map(choiceOf),
    usage: resultUsage(result),
    timings: timingsOf(usage, timings),
  };
}

function choiceOf({ index, text, reasoning, toolCalls, logprobs, finishReason }: ChoiceResult) {
  return {
    index,
    message: {
      role: 'assistant',
      content: text === '' && toolCalls.length > 0 ? null : text,
      refusal: null,
      ...(reasoning && { reasoning_content: reasoning }),
      ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(toolCallOf) }),
    },
    logprobs: chatLogprobs(logprobs),
    finish_reason: finishReasonOf(finishReason),
  };
}

function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}
