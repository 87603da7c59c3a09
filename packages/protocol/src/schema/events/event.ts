import { z } from 'zod';

import { errorCode } from '../error-code.ts';
import { generationId } from './generation-id.ts';
import { issue } from '../issue.ts';
import { lifecycle } from './lifecycle.ts';
import { timings, usage } from './usage.ts';

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const perSecond = z.number().nonnegative();

const everyEvent = {
  /** The engine numbers a generation's events 0, 1, 2 …; a merged event carries the last number folded into it. */
  seq: count,
  /** The choice it belongs to. Prefill belongs to all of them and comes at index 0. */
  index: count,
};

/**
 * What of the request's schemas the answer's grammar does not keep, by field (`tools[0].parameters.properties.a.not`): a
 * few of them, the last may say how many more there are.
 */
const leftOut = z.array(z.string()).min(1).max(17);

/** The prompt's way to the model: queued, loading, then prefill. */
export const prefillEvent = z.object({
  type: z.literal('prefill'),
  /** On the first event of a generation. */
  id: generationId.optional(),
  ...everyEvent,
  phase: lifecycle.extract(['queued', 'loading', 'prefill']),
  /** 1 is next; null when not queued. */
  queuePosition: z.int().positive().nullable(),
  /** Prompt tokens read, the cached ones included; null while the model loads. */
  processed: count.nullable(),
  /** Prompt tokens reused; a forecast while queued, null while the model loads. */
  cached: count.nullable(),
  /** Prompt tokens in all; null while the model loads. */
  total: count.nullable(),
  /** Since the request arrived. */
  elapsedMs: milliseconds,
  /** Of the uncached part, without the time in which others were read; null until known. */
  tokensPerSecond: perSecond.nullable(),
  /** Until the prompt is read; null until known. */
  etaMs: milliseconds.nullable(),
  /** While other prompts are read first, in the phase `prefill`: how many. Left out while this one is read. */
  waiting: z.object({ ahead: z.int().positive() }).optional(),
  /** True when an upstream reports no progress and this is a model's guess. */
  estimated: z.boolean(),
  /** On the first event, and on a later one where the model's own form of calls leaves out more; as in `done`. */
  leftOut: leftOut.optional(),
});

export const tokenChannel = z.enum(['content', 'reasoning', 'tool-call']);

export type TokenChannel = z.infer<typeof tokenChannel>;

export const toolCallHead = z.object({ index: count, id: z.string(), name: z.string() });

export type ToolCallHead = z.infer<typeof toolCallHead>;

export const tokenLogprob = z.object({
  token: z.string(),
  /** UTF-8 bytes of the token, which may be a part of a character. */
  bytes: z.array(z.int().min(0).max(255)),
  logprob: z.number(),
  top: z.array(z.object({ token: z.string(), bytes: z.array(z.int().min(0).max(255)), logprob: z.number() })),
});

export type TokenLogprob = z.infer<typeof tokenLogprob>;

/** A piece of a choice's text, never half a character. */
export const tokenEvent = z.object({
  type: z.literal('token'),
  ...everyEvent,
  text: z.string(),
  /** Tokens in this event: several after merging, 0 for text that was held back by the one before. */
  count,
  /** So far, of this choice. */
  completionTokens: count,
  tokensPerSecond: perSecond,
  channel: tokenChannel,
  /** On the channel `tool-call`: the call that `text` is a piece of the arguments of. */
  toolCall: toolCallHead.optional(),
  /** One for each token, when asked for. */
  logprobs: z.array(tokenLogprob).optional(),
});

export const toolCall = z.object({
  id: z.string(),
  name: z.string(),
  /** JSON text. */
  arguments: z.string(),
});

export type ToolCall = z.infer<typeof toolCall>;

export const finishReason = z.enum(['stop', 'length', 'tool-calls', 'cancelled']);

export type FinishReason = z.infer<typeof finishReason>;

/** Where an answer does not fit a schema. */
export const misfit = z.object({
  /** The call whose arguments it is in, by its place in `toolCalls`; left out for the answer's text. */
  toolCall: count.optional(),
  /** In JavaScript's words, such as `tags[1]`; empty for the whole of it. */
  path: z.string(),
  message: z.string(),
});

export type Misfit = z.infer<typeof misfit>;

const terminal = {
  id: generationId,
  ...everyEvent,
  usage,
  /** Choices still open; 0 ends the stream. */
  remaining: count,
};

/** A choice's end. `cancelled` means that somebody asked for it. */
export const doneEvent = z.object({
  type: z.literal('done'),
  ...terminal,
  finishReason,
  /** Of the request's stop strings the one that ended the text; left out when none did. */
  stopString: z.string().optional(),
  timings,
  toolCalls: z.array(toolCall),
  /** There only where something was left out. */
  leftOut: leftOut.optional(),
  /**
   * Whether the answer, or the arguments of each call, fit the request's schemas all the same. There only where something
   * of them was left out, and where it could be told: not of an answer that was cut.
   */
  fitsSchema: z.boolean().optional(),
  /** Where it does not fit: the first place in the answer, or in the arguments of each call. */
  misfits: z.array(misfit).optional(),
});

/** A choice's end that nobody asked for. */
export const errorEvent = z.object({
  type: z.literal('error'),
  ...terminal,
  code: errorCode,
  message: z.string(),
  /** Whether the same request may succeed when it is sent again. */
  retryable: z.boolean(),
  /** What is wrong with which field of the request; left out where the error is about none. */
  issues: z.array(issue).optional(),
});

/**
 * One step in a generation's life. The shape is the same in the engine, on every socket and in the SDK.
 * Readers ignore fields and types they do not know.
 */
export const generationEvent = z.discriminatedUnion('type', [prefillEvent, tokenEvent, doneEvent, errorEvent]);

export type PrefillEvent = z.infer<typeof prefillEvent>;
export type TokenEvent = z.infer<typeof tokenEvent>;
export type DoneEvent = z.infer<typeof doneEvent>;
export type ErrorEvent = z.infer<typeof errorEvent>;
export type GenerationEvent = z.infer<typeof generationEvent>;
export type TerminalEvent = DoneEvent | ErrorEvent;
