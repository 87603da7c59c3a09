import type { SpanEvent } from '../schema/events/event.ts';

/** How far one of a request's spans is read; see `SpanEvent`. */
export type SpanProgress = Pick<SpanEvent, 'name' | 'number' | 'of' | 'processed' | 'cached' | 'total' | 'estimated'>;

/** The spans, by number, after one more event. */
export function withSpan(spans: readonly SpanProgress[], event: SpanEvent): SpanProgress[] {
  const { type: _type, seq: _seq, index: _index, ...span } = event;
  const at = spans.findIndex(({ number }) => number >= span.number);
  if (at < 0) return [...spans, span];
  return spans[at]?.number === span.number ? spans.with(at, span) : spans.toSpliced(at, 0, span);
}

/** The span that is being read: the first that is not read to its end; null when all are, or without spans. */
export function spanBeingRead(spans: readonly SpanProgress[]): SpanProgress | null {
  return spans.find(({ processed, total }) => processed < total) ?? null;
}
