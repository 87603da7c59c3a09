import type { SpanState } from '@headway/client/react';

/**
 * The span of each of a message's documents, by their order; undefined for one that is not told, such as one without text,
 * which has no span.
 */
export function documentSpans(
  documents: readonly { text: string }[],
  spans: readonly SpanState[],
): (SpanState | undefined)[] {
  let number = 0;
  return documents.map(({ text }) => {
    if (text.trim() === '') return undefined;
    number += 1;
    return spans.find((span) => span.number === number);
  });
}
