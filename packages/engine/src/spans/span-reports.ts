import type { SpanProgress } from '@headway/protocol';

import type { PromptSpan } from './prompt-span.ts';
import { SpanNews } from './span-news.ts';
import { spanReadings, type Reading } from './span-readings.ts';

/** Where a prompt's spans are, if it has any. */
export interface PlacedSpans {
  spans?: readonly PromptSpan[] | undefined;
  /** Tokens of the prompt in which they were placed. */
  total: number;
}

/** Reports how far the spans of one generation are read, by their places in the prompt or as a remote server tells. */
export class SpanReports {
  readonly #news = new SpanNews();
  readonly #told = new Map<number, SpanProgress>();
  #placed: PlacedSpans['spans'];
  #promptTotal = 0;

  /** Sets the spans' places; without any, what is told counts. */
  place({ spans, total }: PlacedSpans): void {
    this.#placed = spans;
    this.#promptTotal = total;
  }

  /** Takes what a remote server tells of a span. Returns whether it has now told all of them, and none was reported. */
  tell(span: SpanProgress): boolean {
    this.#told.set(span.number, span);
    return this.#told.size === span.of && !this.#news.begun;
  }

  /** The spans that have changed since the last call. */
  due(reading: Reading): SpanProgress[] {
    const readings = this.#placed ? spanReadings(this.#placed, reading, this.#promptTotal) : [...this.#told.values()];
    const changed = this.#news.of(readings);
    return reading.processed === reading.total ? [...changed, ...this.#news.ends()] : changed;
  }
}
