import type { Lifecycle } from '../schema/events/lifecycle.ts';
import type { ErrorCode } from '../errors/error-code.ts';
import type { FinishReason, GenerationEvent } from '../schema/events/event.ts';
import { withSpan, type SpanProgress } from '../spans/span-progress.ts';

/** A generation's state, for a progress bar or a status line. */
export interface ProgressSnapshot {
  id: string;
  phase: Lifecycle;
  /** 1 is next; null when not queued. */
  queuePosition: number | null;
  /** In the phase `loading`: the share of the model that is in memory, 0 to 1; null when unknown. */
  loaded: number | null;
  /** In the phase `prefill`: prompts that the engine reads before this one; 0 while it reads this one. */
  ahead: number;
  /** Prompt tokens; null while the model loads. */
  prompt: { processed: number; cached: number; total: number } | null;
  /** How far each of the request's `spans` is read, by number; left out before their first events. */
  spans?: readonly SpanProgress[];
  /** True when an upstream server tells no progress, so that the prompt's numbers are estimates; else left out. */
  estimated?: boolean;
  /** Tokens written so far, over all choices. */
  completionTokens: number;
  /** The request's limit of tokens, over all choices; null when it has none. */
  maxTokens: number | null;
  /** Since the request was sent, in ms. */
  elapsedMs: number;
  /** Speed of the current phase; null until known. */
  tokensPerSecond: number | null;
  /** Time until the end of the prefill, in ms; null when unknown or stalled. */
  etaMs: number | null;
  /**
   * Time since the last event of a stalled prefill or decode, in ms, rounded down to whole seconds, at least 2 s; null
   * while events arrive.
   */
  stalledMs: number | null;
  /** True in the last call only. */
  isFinal: boolean;
  /**
   * How the generation ended; null before. Of several choices the worst: an error, `cancelled`, `length`, then the
   * rest.
   */
  outcome: FinishReason | ErrorCode | null;
  /** The text of the channel `content`, with `captureText`; else null. */
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
    loaded: null,
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

/** The snapshot after one more event, `elapsedMs` after the request was sent. */
export function nextSnapshot(before: ProgressSnapshot, event: GenerationEvent, elapsedMs: number): ProgressSnapshot {
  switch (event.type) {
    case 'prefill': {
      const { id, phase, queuePosition, processed, cached, total, tokensPerSecond, etaMs, loaded, waiting } = event;
      return {
        ...before,
        id: id ?? before.id,
        phase,
        queuePosition,
        loaded: loaded ?? null,
        ahead: waiting?.ahead ?? 0,
        prompt: processed === null || cached === null || total === null ? null : { processed, cached, total },
        ...(event.estimated && { estimated: true }),
        elapsedMs,
        tokensPerSecond,
        etaMs,
        stalledMs: null,
      };
    }
    case 'span':
      return { ...before, spans: withSpan(before.spans ?? [], event), elapsedMs, stalledMs: null };
    case 'token':
      return {
        ...before,
        phase: 'decode',
        loaded: null,
        elapsedMs,
        completionTokens: before.completionTokens + event.count,
        tokensPerSecond: event.tokensPerSecond || null,
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
        loaded: null,
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

/** The snapshot after `stalledMs` without an event: `etaMs` no longer holds. */
export function stalledSnapshot(before: ProgressSnapshot, stalledMs: number, elapsedMs: number): ProgressSnapshot {
  return { ...before, stalledMs, elapsedMs, etaMs: null };
}
