/** A named range of the prompt, such as a document, and how much of it is read. In prompt tokens. */
export interface SpanState {
  name: string;
  /** Its place among the request's spans, from 1 on. */
  number: number;
  /** The cached ones included. */
  processed: number;
  cached: number;
  total: number;
}

/** The spans with the latest of one of them, ordered by number. */
export function withSpan(spans: readonly SpanState[], latest: SpanState): SpanState[] {
  const { name, number, processed, cached, total } = latest;
  const others = spans.filter((span) => span.number !== number);
  return [...others, { name, number, processed, cached, total }].sort((a, b) => a.number - b.number);
}
