import { chatTemplateKwargs, generateRequest } from '@headway/protocol';
import { z } from 'zod';

import { askedTextFormat } from '../../../../surface/formats/asked-format.ts';
import { samplingFaults, samplingFields, tokenLimit } from '../../../../surface/sampling/sampling-request.ts';
import { reasoningEffort } from '../../../../surface/sampling/template-kwargs.ts';
import { inputItem, unreadable } from './input-item.ts';
import { responseTool, responseToolChoice } from './function-tools.ts';

const { model, stream, temperature, top_p, top_k, min_p, repeat_penalty, seed, ignore_eos } = samplingFields;
const { repetition_penalty, repeat_last_n, presence_penalty, frequency_penalty, logit_bias } = samplingFields;
const { return_progress, timings_per_token, cache_prompt } = samplingFields;

/** An unsupported field; null and false are accepted, since they ask for nothing. */
const refused = (message: string) => z.literal([null, false], { error: message }).optional();

/**
 * The body of `POST /v1/responses` with OpenAI's fields and llama.cpp's extensions. Unknown fields are ignored: clients
 * send new ones every month. null is the same as left out.
 */
export const responsesRequest = z
  .object({
    model,
    /** The engine's limit of messages, less one for the instructions. */
    input: z.union([z.string(), z.array(inputItem).min(1).max(4095)]),
    instructions: z.string().nullish(),
    stream,
    max_output_tokens: tokenLimit,
    temperature,
    top_p,
    top_k,
    min_p,
    repeat_penalty,
    repetition_penalty,
    repeat_last_n,
    presence_penalty,
    frequency_penalty,
    logit_bias,
    seed,
    ignore_eos,
    tools: z.array(responseTool).max(1024).nullish(),
    tool_choice: responseToolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z.object({ format: z.unknown().optional() }).nullish(),
    include: z.array(z.string()).nullish(),
    top_logprobs: generateRequest.shape.logprobs.unwrap().nullish(),
    reasoning: z.object({ effort: reasoningEffort.nullish() }).nullish(),
    chat_template_kwargs: chatTemplateKwargs.nullish(),
    return_progress,
    timings_per_token,

    // Returned unchanged.
    metadata: z.record(z.string(), z.string()).nullish(),
    user: z.string().nullish(),

    cache_prompt,

    // Accepted without effect. Also with `auto` a prompt that does not fit is refused.
    truncation: z.string().nullish(),
    stream_options: z.object({}).nullish(),
    service_tier: z.string().nullish(),

    /** Whether to keep the response, so that later requests can continue, read or reference it. Default true. */
    store: z.boolean().nullish(),
    previous_response_id: z.string().min(1).max(256).nullish(),

    conversation: refused('is not supported; send `previous_response_id`, or the whole conversation as `input`'),
    prompt: refused('templates are not supported; send `instructions` and `input`'),
    background: refused('is not supported; stream, and send X-Headway-Resume: 1 to continue after a lost connection'),
  })
  .transform((request, context) => {
    const { input, text } = request;
    const { asked: format, faults } = askedTextFormat(text?.format);
    const unread = typeof input === 'string' ? [] : unreadable(input);
    for (const fault of [...faults, ...samplingFaults(request), ...unread])
      context.addIssue({ code: 'custom', ...fault });
    return { ...request, format };
  });

export type ResponsesRequest = z.output<typeof responsesRequest>;

/** A request without its input. */
export type AskedResponse = Omit<ResponsesRequest, 'input'>;
