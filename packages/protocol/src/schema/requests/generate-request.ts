import { z } from 'zod';

import { chatTemplateKwargs } from './chat-template-kwargs.ts';
import { Field, sentence, type Issue } from '../../errors/issue.ts';
import { addIssues } from '../add-issues.ts';
import { generationId } from '../events/generation-id.ts';
import { logitBias } from './logit-bias.ts';
import { maxBodyBytes } from '../max-body-bytes.ts';
import { message } from './message.ts';
import { responseFormat } from './response-format.ts';
import { toolCallFaults } from './tool-call-faults.ts';
import { messagesField, needConversation, promptField, toolFaults } from './tool-faults.ts';
import { tool } from './tool.ts';

const stopString = z.string().min(1).max(256);

/**
 * What a generation is asked for. The defaults of the wire are here and nowhere else.
 * Unknown fields are refused by name.
 */
export const generateRequest = z
  .strictObject({
    /** A model's id; left out or `default`: the first one. */
    model: z.string().min(1).max(256).default('default'),
    /** A conversation, rendered by the model's own chat template. Either this or `prompt`. */
    messages: z.array(message).min(1).max(4096).optional(),
    /** What the chat template is given besides the conversation, such as `enable_thinking`. */
    chatTemplateKwargs: chatTemplateKwargs.optional(),
    /** Raw text to go on from, without a template. Either this or `messages`. */
    prompt: z.string().min(1, 'is empty; send at least one character').max(maxBodyBytes).optional(),
    /** Tokens to write at most. @default the rest of the context */
    maxTokens: z.int().min(1).max(10_000_000).optional(),
    /** 0 takes the likeliest token each time, and so does anything below 0.0001. */
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
    /** 1 is none; more makes tokens of the last 64, the prompt's included, less likely. Below 0.0001 counts as that. */
    repeatPenalty: z.number().gt(0).max(2).default(1),
    /** Taken off the logits of tokens that are among the last 64, the prompt's included; less than 0 makes them likelier. */
    presencePenalty: z.number().min(-2).max(2).default(0),
    /** The same, taken off for each time that a token is among them. */
    frequencyPenalty: z.number().min(-2).max(2).default(0),
    /** Makes tokens likelier or less likely, by their ids; -100 rules them out. */
    logitBias: logitBias.optional(),
    /**
     * What happens when the context is full: `length` ends the answer there; `shift` forgets the oldest half and goes on
     * up to `maxTokens`, which must be given.
     */
    onContextFull: z.enum(['length', 'shift']).default('length'),
    /** Goes on past the model's own end, up to `maxTokens`. */
    ignoreEos: z.boolean().default(false),
    /** What the text of the answer must be. */
    responseFormat: responseFormat.optional(),
    /** What the model may call; their names differ. The arguments are written by a grammar, which bounds their schemas. */
    tools: z.array(tool).min(1).max(1024).optional(),
    /** `required`: at least one is called; a name: that one is. @default 'auto', where there are tools */
    toolChoice: z
      .union([z.enum(['auto', 'none', 'required']), z.strictObject({ name: z.string().min(1).max(128) })])
      .optional(),
    /** Whether one answer may have several calls. */
    parallelToolCalls: z.boolean().default(true),
    /**
     * Whether the model's turn is begun behind the messages. Where it is not, the prompt ends as the template ends its last
     * message. One of the assistant's is left open and gone on with in any case.
     *
     * @default true
     */
    generationPrompt: z.boolean().optional(),
    /** Answers over one prefill; no more than there are slots. */
    choices: z.int().min(1).max(8).default(1),
    /** Whether what a slot has read of this prompt before is reused; false reads all of it anew. */
    cachePrompt: z.boolean().default(true),
    /** Whose turn it is among those who wait for a slot: higher goes first, equals go in order of arrival. */
    priority: z.int().min(-10).max(10).default(0),
    /**
     * Alternatives to report for each token; 0 reports the token's own log-probability only. They are after penalties and
     * biases, and before temperature, cuts and formats.
     */
    logprobs: z.int().min(0).max(20).optional(),
    /** Least time between two prefill events of the phase `prefill`; the first and the last always come. */
    progressIntervalMs: z.int().min(0).max(60_000).default(0),
    /** The client's own name for the generation. @default made by the gateway */
    id: generationId.optional(),
    /** `<id>:<seq>` of the last event seen, when a dropped stream is taken up again. */
    lastEventId: z.string().max(128).optional(),
  })
  .superRefine((request, context) => {
    addIssues(context, promptFaults(request));
    // What follows is about fields that are right by themselves.
    if (context.issues.length > 0) return;
    addIssues(context, toolFaults(request));
    addIssues(context, toolCallFaults(request.messages ?? []));
  });

/** What a caller writes: everything with a default may be left out. */
export type GenerateInput = z.input<typeof generateRequest>;
/** What the engine reads: the defaults filled in. */
export type GenerateRequest = z.output<typeof generateRequest>;

interface PromptRequest {
  prompt?: string | undefined;
  messages?: readonly object[] | undefined;
  chatTemplateKwargs?: object | undefined;
  onContextFull: 'length' | 'shift';
  maxTokens?: number | undefined;
}

/** What of a request does not go with its prompt, and what a shift of the context needs. */
function* promptFaults(request: PromptRequest): Generator<Issue> {
  if (request.prompt === undefined && request.messages === undefined) {
    yield { path: promptField.path, ...sentence`is missing; send \`${promptField}\` or \`${messagesField}\`` };
  }
  if (request.prompt !== undefined && request.messages !== undefined) {
    yield { path: promptField.path, ...sentence`came together with \`${messagesField}\`; send one of them` };
  }
  if (request.prompt !== undefined && request.chatTemplateKwargs !== undefined) {
    yield { path: ['chatTemplateKwargs'], ...needConversation };
  }
  if (request.onContextFull === 'shift' && request.maxTokens === undefined) {
    const message = sentence`is missing; with ${new Field('onContextFull')} 'shift' nothing else is sure to end the answer`;
    yield { path: ['maxTokens'], ...message };
  }
}
