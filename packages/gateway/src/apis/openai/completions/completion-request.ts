import { addIssues, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { askedFormat, formatFields } from '../../../surface/formats/asked-format.ts';
import { optionalField } from '../../../surface/optional-field.ts';
import { chunkFields, commonFields, readSampling, samplingFaults } from '../../../surface/sampling/sampling-request.ts';
import { samplingFields } from '../../../surface/sampling/sampling-table.ts';

const onePrompt = 'must be one text; send a request for each prompt';
const noTokens = 'token ids are not supported';

const prompt = z.union([z.string(), z.array(z.string(`must be a string; ${noTokens}`)).length(1, onePrompt)], {
  error: `must be a string, or an array with one; ${noTokens}`,
});

/**
 * The body of `POST /v1/completions` with OpenAI's fields and llama.cpp's extensions: raw text to continue, without a
 * template. Unknown fields are ignored. Without `max_tokens` OpenAI stops at 16 tokens; Headway uses the rest of the
 * context, as in its other APIs.
 */
export const completionRequest = z
  .object({
    ...commonFields,
    ...chunkFields,
    ...samplingFields('completions'),
    ...formatFields,
    prompt,
    /** Begins the answer with the prompt. */
    echo: z.boolean().nullish(),
    /** Alternatives to report for each token. */
    logprobs: z.int().min(0).max(5).nullish(),
    best_of: z.int().min(1).nullish(),
    suffix: z.string().max(0, 'is not supported; send what comes before the gap alone').nullish(),
  })
  .transform((request, context) => {
    const { best_of, n, echo, logprobs } = request;
    const { asked: format, faults } = askedFormat(request);
    addIssues(context, samplingFaults(request, 'completions'));
    addIssues(context, faults);
    if ((best_of ?? 1) > (n ?? 1)) {
      const message = 'must be n at most; every answer is sent, so raise n and choose among them';
      context.addIssue({ code: 'custom', path: ['best_of'], message });
    }
    if (echo && typeof logprobs === 'number') {
      const message = 'cannot be combined with logprobs, since the prompt has none; send one of them';
      context.addIssue({ code: 'custom', path: ['echo'], message });
    }
    return { ...request, format };
  });

export type CompletionRequest = z.output<typeof completionRequest>;

export function promptOf({ prompt: asked }: CompletionRequest): string {
  return typeof asked === 'string' ? asked : asked.join('');
}

/** Converts the request to the engine's format. The engine refuses by name the fields that it does not support. */
export function toCompletionInput(request: CompletionRequest): GenerateInput {
  return {
    ...readSampling(request, 'completions'),
    prompt: promptOf(request),
    ...optionalField('spans', request.spans),
    ...optionalField('logprobs', request.logprobs),
    ...optionalField('responseFormat', request.format?.format),
  };
}
