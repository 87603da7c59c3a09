import { memo, useState } from 'react';

import { ChevronIcon, DocumentIcon } from '../shell/icons.tsx';
import { bytes, count } from '../words/quantities.ts';
import type { TextDocument } from './text-document.ts';

/** The most characters that an opened document shows: enough to recognise it, and fast to draw. */
const shown = 20_000;

/** A document of a sent message, closed until the user opens it. */
export const SentDocument = memo(function SentDocument({ document }: { document: TextDocument }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="sent-document" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <DocumentIcon />
        <span className="chip-name">{document.name}</span>
        <span className="chip-size">{bytes(document.bytes)}</span>
        <ChevronIcon />
      </summary>
      {open && <CutText text={document.text} />}
    </details>
  );
});

/** The beginning of a text that may be very long. */
export function CutText({ text }: { text: string }) {
  return (
    <div className="cut-text" tabIndex={0} role="region" aria-label="Text of the document">
      {text.slice(0, shown)}
      {text.length > shown && <em>{`\n\n… and ${count(text.length - shown)} more characters`}</em>}
    </div>
  );
}
