import type { GenerationResult } from '@headway/protocol';

import type { AnswerHead } from '../http/generation-surface.ts';
import { CompletionLogprobs } from './completion-logprobs.ts';
import { finishReasonOf, timingsOf, usageOf } from './completion-parts.ts';

/** The body of an answer to `/v1/completions` that is not streamed; `echo` is the prompt, or nothing. */
export function textCompletion(
  { id, created, model }: AnswerHead,
  { choices, usage, timings }: GenerationResult,
  echo: string,
) {
  return {
    id: `cmpl-${id}`,
    object: 'text_completion',
    created,
    model,
    choices: choices.map(({ index, reasoning, text, logprobs, finishReason }) => ({
      index,
      text: echo + reasoning + text,
      logprobs: logprobs ? new CompletionLogprobs().of(logprobs) : null,
      finish_reason: finishReasonOf(finishReason),
    })),
    usage: usageOf(choices.map((choice) => choice.usage)),
    timings: timingsOf(usage, timings),
  };
}
