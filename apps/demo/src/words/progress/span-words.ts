import type { SpanState } from '@headway/client/react';

/** The document that is being read: the last one begun. Null before the first. */
export function currentSpan(spans: readonly SpanState[]): SpanState | null {
  return spans.findLast(({ processed }) => processed > 0) ?? null;
}

/** `contract.pdf, 3 of 7`; the name alone when it is the only one. */
export function spanWords({ name, number }: Pick<SpanState, 'name' | 'number'>, of: number): string {
  return of > 1 ? `${name}, ${number} of ${of}` : name;
}

/** How much of a document is read, from 0 to 100, rounded down. An empty one is read. */
export function spanPercent({ processed, total }: Pick<SpanState, 'processed' | 'total'>): number {
  return total === 0 ? 100 : Math.floor((processed / total) * 100);
}
