import { CloseIcon, DocumentIcon } from '../shell/icons.tsx';
import { bytes } from '../words/quantities.ts';
import { FileName } from './file-name.tsx';
import type { TextDocument } from './text-document.ts';

interface DocumentChipProps {
  document: TextDocument;
  /** The document's tokens in words; undefined until counted, when the bytes are shown. */
  tokens: string | undefined;
  onOpen: () => void;
  onRemove: () => void;
}

/** A document that is attached to the unsent message. Pressing it shows its text. */
export function DocumentChip({ document, tokens, onOpen, onRemove }: DocumentChipProps) {
  const { name, note } = document;
  const size = tokens ?? bytes(document.bytes);
  return (
    <li className="chip" data-noted={note !== undefined || undefined}>
      <button
        type="button"
        className="chip-open"
        aria-label={[`Preview ${name}`, size, note].filter(Boolean).join(', ')}
        aria-haspopup="dialog"
        title={note === undefined ? name : `${name}: ${note}`}
        onClick={onOpen}
      >
        <DocumentIcon />
        {/* The space keeps the words apart where the shown text is compared with the button's name. */}
        <FileName name={name} /> <span className="chip-size">{size}</span>
      </button>
      <button type="button" className="chip-remove" aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}>
        <CloseIcon />
      </button>
    </li>
  );
}
