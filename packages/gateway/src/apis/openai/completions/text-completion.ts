import type { GenerationResult } from '@headway/protocol';

import type { AnswerHead } from '../../../surface/generation-surface.ts';
import { CompletionLogprobs } from './completion-logprobs.ts';
import { finishReasonOf, systemFingerprint, resultUsage, timingsOf } from '../completion-parts.ts';

/**
 * The body of an unstreamed answer to `/v1/completions`. `echo` is the prompt, or ''. Raw text has no reasoning and no
 * tool calls.
 */
export function textCompletion({ id, created, model }: AnswerHead, result: GenerationResult, echo: string) {
  const { choices, usage, timings } = result;
  return {
    id: `cmpl-${id}`,
    object: 'text_completion',
    created,
    model,
    system_fingerprint: systemFingerprint,
    choices: choices.map(({ index, text, logprobs, finishReason }) => ({
      index,
      text: echo + text,
      logprobs: logprobs ? new CompletionLogprobs().of(logprobs) : null,
      finish_reason: finishReasonOf(finishReason),
    })),
    usage: resultUsage(result),
    timings: timingsOf(usage, timings),
  };
}
