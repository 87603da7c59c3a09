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
  /** The choice that the event is about. Prefill is about all choices and has index 0. */
  index: count,
};

/**
 * Fields of the request's schemas that the answer's grammar does not enforce (`tools[0].parameters.properties.a.not`).
 * The list is cut; the last entry may say how many more there are.
 */
const leftOut = z.array(z.string()).min(1).max(17);

/** Progress before the first token: queued, loading, then prefill. */
export const prefillEvent = z.object({
  type: z.literal('prefill'),
  /** On the first event of a generation. */
  id: generationId.optional(),
  ...everyEvent,
  phase: lifecycle.extract(['queued', 'loading', 'prefill']),
  /** 1 is next; null when not queued, and in the queue of an upstream server, which tells no place. */
  queuePosition: z.int().positive().nullable(),
  /** Prompt tokens read, the cached ones included; null while the model loads. */
  processed: count.nullable(),
  /** Prompt tokens reused; a forecast while queued, null while the model loads. */
  cached: count.nullable(),
  /** Prompt tokens in all; null while the model loads. */
  total: count.nullable(),
  /** Since the request arrived, in ms. */
  elapsedMs: milliseconds,
  /** Prefill speed of the uncached part, without the time in which the engine read other prompts; null until known. */
  tokensPerSecond: perSecond.nullable(),
  /** Time until the end of the prefill, in ms; null until known. */
  etaMs: milliseconds.nullable(),
  /**
   * In the phase `loading`: the share of the model's weights that is in memory; it never decreases. Left out while
   * unknown.
   */
  loaded: z.number().min(0).max(1).optional(),
  /** In the phase `prefill`: how many prompts the engine reads before this one. Left out while it reads this one. */
  waiting: z.object({ ahead: z.int().positive() }).optional(),
  /** True when an upstream server reports no progress and these numbers are estimates. */
  estimated: z.boolean(),
  /** On the first event, and on a later one if the model's own syntax for tool calls leaves out more. See `done`. */
  leftOut: leftOut.optional(),
});

/**
 * How far one of the request's `spans` is read. In the phase `prefill` only, and only for a request with spans: one for
 * each span after the phase's first `prefill` event, then those that have changed, each before the `prefill` event of the
 * same step. Before the first token each span has one with `processed` = `total`. A late reader gets the latest of each.
 */
export const spanEvent = z.object({
  type: z.literal('span'),
  ...everyEvent,
  /** As in the request. */
  name: z.string(),
  /** Its place in the request's `spans`, from 1. */
  number: z.int().positive(),
  /** Spans of the request. */
  of: z.int().positive(),
  /** Tokens of this span that are read, the cached ones included. */
  processed: count,
  /** Tokens of this span that are reused. */
  cached: count,
  /**
   * Prompt tokens with any of the span's text, so neighbours may share one; 0 if the chat template leaves out its text.
   */
  total: count,
  /** True when the tokens are derived from the span's share of the characters. Left out when they are exact. */
  estimated: z.boolean().optional(),
});

export const tokenChannel = z.enum(['content', 'reasoning', 'tool-call']);

export type TokenChannel = z.infer<typeof tokenChannel>;

export const toolCallHead = z.object({ index: count, id: z.string(), name: z.string() });

export type ToolCallHead = z.infer<typeof toolCallHead>;

export const tokenLogprob = z.object({
  token: z.string(),
  /** The token's UTF-8 bytes; a token may be a part of a character. */
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
  /** Tokens in this event: several after merging, 0 for text that the event before held back. */
  count,
  /** Tokens of this choice so far. */
  completionTokens: count,
  /** Of this choice since the prompt was read, without a token that prefill drew; 0 until the next one. */
  tokensPerSecond: perSecond,
  channel: tokenChannel,
  /** On the channel `tool-call`: the call whose arguments `text` is a piece of. */
  toolCall: toolCallHead.optional(),
  /** One for each token, if the request has `logprobs`. */
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

/** A place where an answer does not fit its schema. */
export const misfit = z.object({
  /** The place in `toolCalls` of the call whose arguments do not fit; left out for the answer's text. */
  toolCall: count.optional(),
  /** A path as in JavaScript, such as `tags[1]`; empty for the whole value. */
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

/** The end of a choice. `cancelled` means that a client stopped it. */
export const doneEvent = z.object({
  type: z.literal('done'),
  ...terminal,
  finishReason,
  /** The request's stop string that ended the text; left out when none did. */
  stopString: z.string().optional(),
  timings,
  toolCalls: z.array(toolCall),
  /** Left out when the grammar enforces the request's schemas in full. */
  leftOut: leftOut.optional(),
  /**
   * Whether the answer, or the arguments of each call, fit the request's schemas nevertheless. Only with `leftOut`, and
   * only for a complete answer.
   */
  fitsSchema: z.boolean().optional(),
  /** The first place that does not fit, in the answer or in the arguments of each call. */
  misfits: z.array(misfit).optional(),
});

/** The end of a choice that failed. */
export const errorEvent = z.object({
  type: z.literal('error'),
  ...terminal,
  code: errorCode,
  message: z.string(),
  /** Whether the same request may succeed when the client sends it again. */
  retryable: z.boolean(),
  /** What is wrong with which field of the request; left out where the error is about none. */
  issues: z.array(issue).optional(),
});

/**
 * An event of a generation. It has the same shape in the engine, on every transport and in the SDK.
 * Readers ignore fields and types that they do not know.
 */
export const generationEvent = z.discriminatedUnion('type', [
  prefillEvent,
  spanEvent,
  tokenEvent,
  doneEvent,
  errorEvent,
]);

export type PrefillEvent = z.infer<typeof prefillEvent>;
export type SpanEvent = z.infer<typeof spanEvent>;
export type TokenEvent = z.infer<typeof tokenEvent>;
export type DoneEvent = z.infer<typeof doneEvent>;
export type ErrorEvent = z.infer<typeof errorEvent>;
export type GenerationEvent = z.infer<typeof generationEvent>;
export type TerminalEvent = DoneEvent | ErrorEvent;
