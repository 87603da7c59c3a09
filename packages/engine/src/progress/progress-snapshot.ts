import { isTerminal, type FinishReason, type ErrorCode, type GenerationEvent } from '@headway/protocol';

/** How a generation stands, as a bar or a status line wants to know it. */
export interface ProgressSnapshot {
  id: string;
  phase: 'queued' | 'loading' | 'prefill' | 'decode' | 'ended';
  /** 1 is next; null when not queued. */
  queuePosition: number | null;
  /** Prompt tokens; null while the model loads. */
  prompt: { processed: number; cached: number; total: number } | null;
  /** Tokens written so far, over all choices. */
  completionTokens: number;
  /** Since the request arrived, in ms. While decoding it is as of the last prefill event. */
  elapsedMs: number;
  /** Of the phase at hand; null until known. */
  tokensPerSecond: number | null;
  /** Until the prompt is read, in ms; null when unknown. */
  etaMs: number | null;
  /** True in the last call, which comes exactly once. */
  isFinal: boolean;
  /** How it ended; null before. */
  outcome: FinishReason | ErrorCode | null;
  /** What was written on the channel `content`, when asked for by `captureText`. */
  text: string | null;
}

export function firstSnapshot(captureText: boolean): ProgressSnapshot {
  return {
    id: '',
    phase: 'queued',
    queuePosition: null,
    prompt: null,
    completionTokens: 0,
    elapsedMs: 0,
    tokensPerSecond: null,
    etaMs: null,
    isFinal: false,
    outcome: null,
    text: captureText ? '' : null,
  };
}

/** The snapshot after one more event. */
export function nextSnapshot(before: ProgressSnapshot, event: GenerationEvent): ProgressSnapshot {
  switch (event.type) {
    case 'prefill': {
      const { id, phase, queuePosition, processed, cached, total, elapsedMs, tokensPerSecond, etaMs } = event;
      return {
        ...before,
        id: id ?? before.id,
        phase: phase === 'processing' ? 'prefill' : phase,
        queuePosition,
        prompt: processed === null || cached === null || total === null ? null : { processed, cached, total },
        elapsedMs,
        tokensPerSecond,
        etaMs,
      };
    }
    case 'token':
      return {
        ...before,
        phase: 'decode',
        completionTokens: before.completionTokens + event.count,
        tokensPerSecond: event.tokensPerSecond,
        etaMs: null,
        text: before.text !== null && event.channel === 'content' ? before.text + event.text : before.text,
      };
    case 'done':
    case 'error':
      return {
        ...before,
        id: event.id,
        phase: event.remaining === 0 ? 'ended' : before.phase,
        queuePosition: null,
        etaMs: null,
        isFinal: isTerminal(event) && event.remaining === 0,
        outcome: event.type === 'done' ? event.finishReason : event.code,
        ...(event.type === 'done' && {
          elapsedMs: event.timings.queuedMs + event.timings.prefillMs + event.timings.decodeMs,
          tokensPerSecond: event.timings.decodeTokensPerSecond,
        }),
      };
    default:
      return event satisfies never;
  }
}
