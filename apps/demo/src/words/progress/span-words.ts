import type { SpanState } from '@headway/client/react';

/** The document that is being read: the last one begun. Null before the first. */
export function currentSpan(spans: readonly SpanState[]): SpanState | null {
  return spans.findLast(({ processed }) => processed > 0) ?? null;
}

/** How much of a document is read, from 0 to 100, rounded down. An empty one is read. */
export function spanPercent({ processed, total }: Pick<SpanState, 'processed' | 'total'>): number {
  return total === 0 ? 100 : Math.floor((processed / total) * 100);
}
