import type { Lifecycle } from '../schema/events/lifecycle.ts';
import type { ErrorCode } from '../errors/error-code.ts';
import type { FinishReason, GenerationEvent } from '../schema/events/event.ts';

/** How a generation stands, as a bar or a status line wants to know it. */
export interface ProgressSnapshot {
  id: string;
  phase: Lifecycle;
  /** 1 is next; null when not queued. */
  queuePosition: number | null;
  /** Prompts that are read before this one, in the phase `prefill`; 0 while this one is read. */
  ahead: number;
  /** Prompt tokens; null while the model loads. */
  prompt: { processed: number; cached: number; total: number } | null;
  /** Tokens written so far, over all choices. */
  completionTokens: number;
  /** Tokens that may be written at most, over all choices, as the request says; null when it does not. */
  maxTokens: number | null;
  /** Since the request was made, in ms. */
  elapsedMs: number;
  /** Of the phase at hand; null until known. */
  tokensPerSecond: number | null;
  /** Until the prompt is read, in ms; null when unknown, and while nothing moves. */
  etaMs: number | null;
  /** How long no event has come while the prompt is read or the answer written, in whole seconds, from 2 s on, in ms; null while it moves. */
  stalledMs: number | null;
  /** True in the last call, which comes exactly once. */
  isFinal: boolean;
  /** How it ended, of several choices the worst: an error, `cancelled`, `length`, then the rest; null before. */
  outcome: FinishReason | ErrorCode | null;
  /** What was written on the channel `content`, when asked for by `captureText`. */
  text: string | null;
}

export function firstSnapshot({
  maxTokens = null,
  captureText = false,
}: {
  maxTokens?: number | null;
  captureText?: boolean;
}): ProgressSnapshot {
  return {
    id: '',
    phase: 'queued',
    queuePosition: null,
    ahead: 0,
    prompt: null,
    completionTokens: 0,
    maxTokens,
    elapsedMs: 0,
    tokensPerSecond: null,
    etaMs: null,
    stalledMs: null,
    isFinal: false,
    outcome: null,
    text: captureText ? '' : null,
  };
}

/** The snapshot after one more event, `elapsedMs` after the request was made. */
export function nextSnapshot(before: ProgressSnapshot, event: GenerationEvent, elapsedMs: number): ProgressSnapshot {
  switch (event.type) {
    case 'prefill': {
      const { id, phase, queuePosition, processed, cached, total, tokensPerSecond, etaMs, waiting } = event;
      return {
        ...before,
        id: id ?? before.id,
        phase,
        queuePosition,
        ahead: waiting?.ahead ?? 0,
        prompt: processed === null || cached === null || total === null ? null : { processed, cached, total },
        elapsedMs,
        tokensPerSecond,
        etaMs,
        stalledMs: null,
      };
    }
    case 'token':
      return {
        ...before,
        phase: 'decode',
        elapsedMs,
        completionTokens: before.completionTokens + event.count,
        tokensPerSecond: event.tokensPerSecond,
        etaMs: null,
        stalledMs: null,
        text: before.text !== null && event.channel === 'content' ? before.text + event.text : before.text,
      };
    case 'done':
    case 'error':
      return {
        ...before,
        id: event.id,
        phase: event.remaining === 0 ? 'ended' : before.phase,
        queuePosition: null,
        elapsedMs,
        etaMs: null,
        stalledMs: null,
        isFinal: event.remaining === 0,
        outcome: event.type === 'done' ? event.finishReason : event.code,
        ...(event.type === 'done' && { tokensPerSecond: event.timings.decodeTokensPerSecond }),
      };
    default:
      return event satisfies never;
  }
}

/** The snapshot once nothing has come for `stalledMs`: what was predicted is withdrawn. */
export function stalledSnapshot(before: ProgressSnapshot, stalledMs: number, elapsedMs: number): ProgressSnapshot {
  return { ...before, stalledMs, elapsedMs, etaMs: null };
}
