import { addIssues, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { askedFormat, formatFields } from '../../../surface/formats/asked-format.ts';
import { given } from '../../../surface/optional-field.ts';
import { chunkFields, commonFields, readSampling, samplingFaults } from '../../../surface/sampling/sampling-request.ts';
import { samplingFields } from '../../../surface/sampling/sampling-table.ts';

const onePrompt = 'must be one text; send a request for each prompt';

const prompt = z.union([z.string(), z.array(z.string('must be text; tokens are not read')).length(1, onePrompt)], {
  error: 'must be a text, or an array with one; tokens are not read',
});

/**
 * The body of `POST /v1/completions`, as OpenAI had it and llama.cpp extends it: raw text to go on from, without a
 * template. Unknown fields are ignored. OpenAI stops at 16 tokens when no `max_tokens` is given; here it is the rest of
 * the context, as on every other surface.
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
      const message = 'must be n at most; all answers are sent, ask for more with n and choose among them';
      context.addIssue({ code: 'custom', path: ['best_of'], message });
    }
    if (echo && typeof logprobs === 'number') {
      const message = 'does not go with logprobs, which the prompt has none of; leave one of them out';
      context.addIssue({ code: 'custom', path: ['echo'], message });
    }
    return { ...request, format };
  });

export type CompletionRequest = z.output<typeof completionRequest>;

export function promptOf({ prompt: asked }: CompletionRequest): string {
  return typeof asked === 'string' ? asked : asked.join('');
}

/** The same request in the engine's terms, which refuses by name what it cannot do. */
export function toCompletionInput(request: CompletionRequest): GenerateInput {
  return {
    ...readSampling(request, 'completions'),
    prompt: promptOf(request),
    ...given('logprobs', request.logprobs),
    ...given('responseFormat', request.format?.format),
  };
}
