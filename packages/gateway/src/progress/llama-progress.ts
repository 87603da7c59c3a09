import type { PrefillEvent, SpanProgress } from '@headway/protocol';

/** llama.cpp's `prompt_progress`; `processed` includes what was cached. */
export interface LlamaProgress {
  total: number;
  cache: number;
  processed: number;
  /** Since the prefill began, in ms. */
  time_ms: number;
  /** Headway's extension, only while queued: 1 is next. `cache` and `processed` are then a forecast. */
  queue_position?: number;
  /** Headway's extension: which of the request's `spans` is being read, and how far. */
  span?: { name: string; number: number; of: number; total: number; cache: number; processed: number };
}

/**
 * Reports a prefill as llama.cpp's server does; null while the model loads, which it cannot express. One instance a
 * stream.
 */
export class LlamaProgressWriter {
  #fromMs: number | null = null;

  of(
    { phase, queuePosition, processed, cached, total, elapsedMs }: PrefillEvent,
    span: SpanProgress | null,
  ): LlamaProgress | null {
    if (phase === 'loading' || processed === null || cached === null || total === null) return null;
    if (phase === 'queued') {
      return {
        total,
        cache: cached,
        processed: cached,
        time_ms: 0,
        ...(queuePosition !== null && { queue_position: queuePosition }),
      };
    }
    this.#fromMs ??= elapsedMs;
    return {
      total,
      cache: cached,
      processed,
      time_ms: Math.round(elapsedMs - this.#fromMs),
      ...(span && { span: spanOf(span) }),
    };
  }
}

function spanOf({ name, number, of, total, cached, processed }: SpanProgress): LlamaProgress['span'] {
  return { name, number, of, total, cache: cached, processed };
}
