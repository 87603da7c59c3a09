import { addIssues, chatTemplateKwargs, generateRequest } from '@headway/protocol';
import { z } from 'zod';

import { askedTextFormat } from '../../../../surface/formats/asked-format.ts';
import { chunkFields, commonFields, samplingFaults } from '../../../../surface/sampling/sampling-request.ts';
import { samplingFields } from '../../../../surface/sampling/sampling-table.ts';
import { reasoningEffort } from '../../../../surface/sampling/template-kwargs.ts';
import { inputItem, unreadable } from './input-item.ts';
import { responseTool, responseToolChoice } from './function-tools.ts';

const { stream, timings_per_token } = chunkFields;

/** A field that asks for what this gateway does not do; null and false ask for nothing. */
const refused = (message: string) => z.literal([null, false], { error: message }).optional();

/**
 * The body of `POST /v1/responses`, as OpenAI has it and llama.cpp extends it. Unknown fields are ignored, since clients
 * send new ones every month; null is the same as left out.
 */
export const responsesRequest = z
  .object({
    ...commonFields,
    ...samplingFields('responses'),
    stream,
    timings_per_token,
    /** As many messages as the engine takes, less one for the instructions. */
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

    // Told back as they came.
    metadata: z.record(z.string(), z.string()).nullish(),
    user: z.string().nullish(),

    // Understood, and without a consequence: a prompt that does not fit is refused with `auto`, too.
    truncation: z.string().nullish(),
    stream_options: z.object({}).nullish(),
    service_tier: z.string().nullish(),

    /** Whether the response is kept to be gone on from, read and referred to. Left out, it is. */
    store: z.boolean().nullish(),
    previous_response_id: z.string().min(1).max(256).nullish(),

    conversation: refused(
      'is not supported: no conversations are kept; send `previous_response_id`, or all of it as `input`',
    ),
    prompt: refused('templates are not supported; send `instructions` and `input`'),
    background: refused('is not supported; stream, and send X-Headway-Resume: 1 to go on after the connection is lost'),
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

/** What was asked for, less what the model reads of it. */
export type AskedResponse = Omit<ResponsesRequest, 'input'>;
