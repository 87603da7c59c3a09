import type { PrefillEvent } from '@headway/protocol';

/** llama.cpp's `prompt_progress`; `processed` includes what was cached. */
export interface LlamaProgress {
  total: number;
  cache: number;
  processed: number;
  /** Since the prompt began to be read, in ms. */
  time_ms: number;
  /** Headway's own, while queued only: 1 is next. `cache` and `processed` are a forecast then. */
  queue_position?: number;
}

/** Tells a prefill as llama.cpp's server does, which has no word for a model that loads. One instance a stream. */
export class LlamaProgressWriter {
  #fromMs: number | null = null;

  of({ phase, queuePosition, processed, cached, total, elapsedMs }: PrefillEvent): LlamaProgress | null {
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
    return { total, cache: cached, processed, time_ms: Math.round(elapsedMs - this.#fromMs) };
  }
}
