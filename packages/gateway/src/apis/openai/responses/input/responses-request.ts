import { addIssues, chatTemplateKwargs, generateRequest } from '@headway/protocol';
import { z } from 'zod';

import { askedTextFormat } from '../../../../surface/formats/asked-format.ts';
import { chunkFields, commonFields, samplingFaults } from '../../../../surface/sampling/sampling-request.ts';
import { samplingFields } from '../../../../surface/sampling/sampling-table.ts';
import { reasoningEffort } from '../../../../surface/sampling/template-kwargs.ts';
import { inputItem, unreadable } from './input-item.ts';
import { responseTool, responseToolChoice } from './function-tools.ts';

const { stream, timings_per_token } = chunkFields;

/** An unsupported field. It accepts null and false, which have no effect. */
const refused = (message: string) => z.literal([null, false], { error: message }).optional();

/**
 * The body of `POST /v1/responses` with OpenAI's fields and llama.cpp's extensions. It ignores unknown fields, since
 * clients send new ones every month. null means absent.
 */
export const responsesRequest = z
  .object({
    ...commonFields,
    ...samplingFields('responses'),
    stream,
    timings_per_token,
    /** The engine takes 4,096 messages; one is for the instructions. */
    input: z.union([z.string(), z.array(inputItem).min(1).max(4095)]),
    instructions: z.string().nullish(),
    tools: z.array(responseTool).max(1024).nullish(),
    tool_choice: responseToolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z.object({ format: z.unknown().optional() }).nullish(),
    include: z.array(z.string()).nullish(),
    top_logprobs: generateRequest.shape.logprobs.unwrap().nullish(),
    reasoning: z.object({ effort: reasoningEffort.nullish() }).nullish(),
    chat_template_kwargs: chatTemplateKwargs.nullish(),

    // The response repeats these unchanged.
    metadata: z.record(z.string(), z.string()).nullish(),
    user: z.string().nullish(),

    // These have no effect: even with `truncation: auto` the gateway refuses a prompt that does not fit.
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
    addIssues(context, faults);
    addIssues(context, samplingFaults(request, 'responses'));
    addIssues(context, unread);
    return { ...request, format };
  });

export type ResponsesRequest = z.output<typeof responsesRequest>;

/** A request without its input. */
export type AskedResponse = Omit<ResponsesRequest, 'input'>;
