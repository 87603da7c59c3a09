import type { SpanState } from '@headway/client/react';
import type { CSSProperties } from 'react';

import { spanPercent } from '../words/progress/span-words.ts';

/** Fills a document's chip as the document is read: the cached tokens, then those read since. For a positioned element. */
export function DocumentFill({ span }: { span: SpanState }) {
  const { processed, cached, total } = span;
  const share = (tokens: number) => (total === 0 ? 1 : tokens / total);
  return (
    <>
      <span
        className="document-fill"
        aria-hidden="true"
        data-percent={spanPercent(span)}
        style={{ '--done': share(processed), '--cached': share(cached) } as CSSProperties}
      />
      <span className="visually-hidden">{spanPercent(span)} percent read</span>
    </>
  );
}
