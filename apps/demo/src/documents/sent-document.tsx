import { memo, useState } from 'react';

import { ChevronIcon, DocumentIcon } from '../shell/icons.tsx';
import { bytes } from '../words/quantities.ts';
import { CutText } from './cut-text.tsx';
import { FileName } from './file-name.tsx';
import type { TextDocument } from './text-document.ts';

/** A document of a sent message, closed until the user opens it. */
export const SentDocument = memo(function SentDocument({ document }: { document: TextDocument }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="sent-document" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <DocumentIcon />
        <FileName name={document.name} />
        <span className="chip-size">{bytes(document.bytes)}</span>
        <ChevronIcon />
      </summary>
      {open && <CutText text={document.text} />}
    </details>
  );
});
