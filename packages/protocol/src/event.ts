import { z } from 'zod';

import { errorCode } from './error-code.ts';
import { generationId } from './generation-id.ts';
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

/** The prompt's way to the model: queued, loading, then processing. */
export const prefillEvent = z.object({
  type: z.literal('prefill'),
  /** On the first event of a generation. */
  id: generationId.optional(),
  ...everyEvent,
  phase: z.enum(['queued', 'loading', 'processing']),
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
  /** Of the uncached part; null until known. */
  tokensPerSecond: perSecond.nullable(),
  /** Until the prompt is read; null until known. */
  etaMs: milliseconds.nullable(),
  /** True when an upstream reports no progress and this is a model's guess. */
  estimated: z.boolean(),
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
});

/** A choice's end that nobody asked for. */
export const errorEvent = z.object({
  type: z.literal('error'),
  ...terminal,
  code: errorCode,
  message: z.string(),
  /** Whether the same request may succeed when it is sent again. */
  retryable: z.boolean(),
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
