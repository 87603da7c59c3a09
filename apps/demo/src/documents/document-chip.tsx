import { CloseIcon, DocumentIcon } from '../shell/icons.tsx';
import { bytes } from '../words/quantities.ts';
import type { TextDocument } from './text-document.ts';

/** A document that is attached to the unsent message. */
export function DocumentChip({ document, onRemove }: { document: TextDocument; onRemove: () => void }) {
  return (
    <li className="chip">
      <DocumentIcon />
      <span className="chip-name" title={document.name}>
        {document.name}
      </span>
      <span className="chip-size">{bytes(document.bytes)}</span>
      <button
        type="button"
        className="chip-remove"
        aria-label={`Remove ${document.name}`}
        title="Remove"
        onClick={onRemove}
      >
        <CloseIcon />
      </button>
    </li>
  );
}
