import { z } from 'zod';

import { chatTemplateKwargs } from './chat-template-kwargs.ts';
import { Field, sentence, type Issue } from '../../errors/issue.ts';
import { addIssues } from '../add-issues.ts';
import { generationId } from '../events/generation-id.ts';
import { logitBias } from './logit-bias.ts';
import { maxBodyBytes } from '../max-body-bytes.ts';
import { message } from './message.ts';
import { responseFormat } from './response-format.ts';
import { spanFaults } from './spans/span-faults.ts';
import { spans } from './spans/span.ts';
import { toolCallFaults } from './tools/tool-call-faults.ts';
import { messagesField, needConversation, promptField, toolFaults } from './tools/tool-faults.ts';
import { tool } from './tools/tool.ts';

const stopString = z.string().min(1).max(256);

/** A request to generate. Only this schema sets the wire's defaults. It refuses unknown fields by name. */
export const generateRequest = z
  .strictObject({
    /** A model's id; `default` is the first model. */
    model: z.string().min(1).max(256).default('default'),
    /** A conversation, rendered by the model's own chat template. Either this or `prompt`. */
    messages: z.array(message).min(1).max(4096).optional(),
    /** Variables for the chat template besides the conversation, such as `enable_thinking`. */
    chatTemplateKwargs: chatTemplateKwargs.optional(),
    /** Raw text to continue, without a template. Either this or `messages`. */
    prompt: z.string().min(1, 'is empty; send at least one character').max(maxBodyBytes).optional(),
    /** The most tokens to write. @default the rest of the context */
    maxTokens: z.int().min(1).max(10_000_000).optional(),
    /** 0, or anything below 0.0001, takes the likeliest token each time. */
    temperature: z.number().min(0).max(100).default(0.7),
    /** Keeps the likeliest tokens up to this share of the probability; 1 keeps all, 0 the likeliest one. */
    topP: z.number().min(0).max(1).default(0.95),
    /** Keeps this many of the likeliest tokens; 0 keeps all. */
    topK: z.int().min(0).max(1_000_000).default(40),
    /** Keeps tokens at least this likely, relative to the likeliest; 0 keeps all. */
    minP: z.number().min(0).max(1).default(0.05),
    /** Equal seeds give equal texts for equal batch plans. @default a new one for each request */
    seed: z.int().min(0).max(0xffff_ffff).optional(),
    /** The text ends before the first of these, which is not part of it. */
    stop: z.union([stopString.transform((one) => [one]), z.array(stopString).max(64)]).default([]),
    /**
     * Above 1 makes the last 64 tokens, the prompt's included, less likely; below 1 likelier; 1 changes nothing. Values
     * below 0.0001 count as 0.0001.
     */
    repeatPenalty: z.number().gt(0).max(2).default(1),
    /** Subtracted from the logits of the last 64 tokens, the prompt's included; below 0 makes them likelier. */
    presencePenalty: z.number().min(-2).max(2).default(0),
    /** As `presencePenalty`, but subtracted once for each time that a token is among the last 64. */
    frequencyPenalty: z.number().min(-2).max(2).default(0),
    /** Makes tokens likelier or less likely, by their ids; -100 rules them out. */
    logitBias: logitBias.optional(),
    /**
     * What happens when the context is full: `length` ends the answer; `shift` drops the oldest half of the context and
     * continues up to `maxTokens`, which is then required.
     */
    onContextFull: z.enum(['length', 'shift']).default('length'),
    /** Ignores the model's end token and continues up to `maxTokens`. */
    ignoreEos: z.boolean().default(false),
    /** The format that the answer's text must have. */
    responseFormat: responseFormat.optional(),
    /** Tools that the model may call, each with its own name. A grammar enforces the schemas of their arguments. */
    tools: z.array(tool).min(1).max(1024).optional(),
    /** `required`: the model must call a tool; a name: it must call that tool. @default 'auto' if there are tools */
    toolChoice: z
      .union([z.enum(['auto', 'none', 'required']), z.strictObject({ name: z.string().min(1).max(128) })])
      .optional(),
    /** Whether one answer may have several tool calls. */
    parallelToolCalls: z.boolean().default(true),
    /**
     * Whether the prompt ends with the start of an assistant message. If not, it ends as the template ends its last
     * message. Either way, a last message of the assistant is left open and continued.
     *
     * @default true
     */
    generationPrompt: z.boolean().optional(),
    /** Answers to write after one prefill; no more than there are slots. */
    choices: z.int().min(1).max(8).default(1),
    /** Whether to reuse the prompt's tokens that a slot has cached; false reads all of them again. */
    cachePrompt: z.boolean().default(true),
    /** The order of queued requests: a higher priority gets a slot first, equal ones in order of arrival. */
    priority: z.int().min(-10).max(10).default(0),
    /**
     * Alternatives to report for each token; 0 reports the token's own log-probability only. Computed after penalties
     * and biases, and before temperature, `topK`, `topP`, `minP` and formats.
     */
    logprobs: z.int().min(0).max(20).optional(),
    /** Least time between two events of the phase `prefill`, in ms; the first and the last are always sent. */
    progressIntervalMs: z.int().min(0).max(60_000).default(0),
    /**
     * Named ranges of the prompt's content, such as its documents: `span` events then tell how far each is read. At most
     * 256. They change nothing in the prompt. @default none
     */
    spans: spans.optional(),
    /** An id for the generation that the client chooses. @default made by the gateway */
    id: generationId.optional(),
    /** To resume a dropped stream: `<id>:<seq>` of the last event that the client has seen. */
    lastEventId: z.string().max(128).optional(),
  })
  .superRefine((request, context) => {
    addIssues(context, promptFaults(request));
    // The checks below compare fields with each other, so each field must be valid by itself.
    if (context.issues.length > 0) return;
    addIssues(context, toolFaults(request));
    addIssues(context, toolCallFaults(request.messages ?? []));
    addIssues(context, spanFaults(request));
  });

/** A request as a caller writes it: fields with defaults may be left out. */
export type GenerateInput = z.input<typeof generateRequest>;
/** A request as the engine reads it, with its defaults filled in. */
export type GenerateRequest = z.output<typeof generateRequest>;

interface PromptRequest {
  prompt?: string | undefined;
  messages?: readonly object[] | undefined;
  chatTemplateKwargs?: object | undefined;
  onContextFull: 'length' | 'shift';
  maxTokens?: number | undefined;
}

/** Finds a missing or second prompt, template variables without messages, and a context shift without a token limit. */
function* promptFaults(request: PromptRequest): Generator<Issue> {
  if (request.prompt === undefined && request.messages === undefined) {
    yield { path: promptField.path, ...sentence`is missing; send \`${promptField}\` or \`${messagesField}\`` };
  }
  if (request.prompt !== undefined && request.messages !== undefined) {
    yield { path: promptField.path, ...sentence`cannot be sent with \`${messagesField}\`; send one of them` };
  }
  if (request.prompt !== undefined && request.chatTemplateKwargs !== undefined) {
    yield { path: ['chatTemplateKwargs'], ...needConversation };
  }
  if (request.onContextFull === 'shift' && request.maxTokens === undefined) {
    const message = sentence`is missing; send a limit, since ${new Field('onContextFull')} 'shift' needs one to end the answer`;
    yield { path: ['maxTokens'], ...message };
  }
}
