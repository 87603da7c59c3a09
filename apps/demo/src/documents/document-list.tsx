import { lazy, Suspense, useState } from 'react';

import { CloseIcon } from '../shell/icons.tsx';
import { DocumentChip } from './document-chip.tsx';
import type { Reading } from './reading.ts';
import type { TextDocument } from './text-document.ts';

const PreviewDialog = lazy(() => import('./preview-dialog.tsx'));

interface DocumentListProps {
  documents: readonly TextDocument[];
  /** A document's tokens in words, or undefined. */
  tokensOf: (document: TextDocument) => string | undefined;
  /** Files that are being read. */
  readings: readonly Reading[];
  onRemove: (id: string) => void;
  onChangeForm: (id: string) => void;
  onStopReading: (id: string) => void;
}

/** The documents of the unsent message, in rows. */
export function DocumentList(props: DocumentListProps) {
  const { documents, tokensOf, readings, onRemove, onChangeForm, onStopReading } = props;
  // By place: a document in its other form is another one in the same place.
  const [opened, setOpened] = useState<number | null>(null);
  const document = opened === null ? undefined : documents[opened];
  if (documents.length === 0 && readings.length === 0) return null;
  return (
    <>
      <ul className="chips" aria-label="Attached documents">
        {documents.map((one, at) => (
          <DocumentChip
            key={at}
            document={one}
            tokens={tokensOf(one)}
            onOpen={() => setOpened(at)}
            onRemove={() => onRemove(one.id)}
          />
        ))}
        {readings.map(({ id, words }) => (
          <li className="chip" data-reading key={id}>
            <span className="chip-spinner" aria-hidden="true" />
            <span className="chip-name">{words}</span>
            <button
              type="button"
              className="chip-remove"
              aria-label="Stop reading"
              title="Stop"
              onClick={() => onStopReading(id)}
            >
              <CloseIcon />
            </button>
          </li>
        ))}
      </ul>
      {document && (
        <Suspense>
          <PreviewDialog
            document={document}
            tokens={tokensOf(document)}
            onChangeForm={() => onChangeForm(document.id)}
            onClose={() => setOpened(null)}
          />
        </Suspense>
      )}
    </>
  );
}
