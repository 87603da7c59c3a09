import type { SpanProgress } from '@headway/protocol';

/**
 * Finds the spans with something new to tell. A span's name and totals stay as they were first told, and it is never read
 * back, whatever a remote server says, or another one after it.
 */
export class SpanNews {
  readonly #told = new Map<number, SpanProgress>();

  /** Whether any span was told. */
  get begun(): boolean {
    return this.#told.size > 0;
  }

  /** Those of the readings that differ from what was told of them, which counts as told then. */
  of(readings: readonly SpanProgress[]): SpanProgress[] {
    return readings.flatMap((reading) => {
      const told = this.#told.get(reading.number);
      const next = told ? after(told, reading) : first(reading);
      if (told && told.processed === next.processed) return [];
      this.#told.set(next.number, next);
      return [next];
    });
  }

  /** The end of the prefill: those that are not read to their ends, as read. */
  ends(): SpanProgress[] {
    return this.of([...this.#told.values()].map((span) => ({ ...span, processed: span.total })));
  }
}

function first(span: SpanProgress): SpanProgress {
  const cached = clamp(span.cached, span.total);
  return { ...span, cached, processed: Math.max(cached, clamp(span.processed, span.total)) };
}

function after(told: SpanProgress, { processed, total }: SpanProgress): SpanProgress {
  const same = total === told.total ? processed : Math.floor((told.total * processed) / Math.max(1, total));
  return { ...told, processed: Math.max(told.processed, clamp(same, told.total)) };
}

function clamp(tokens: number, total: number): number {
  return Math.max(0, Math.min(tokens, total));
}
