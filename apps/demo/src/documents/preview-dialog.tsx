import { useEffect, useRef } from 'react';

import { CloseIcon } from '../shell/icons.tsx';
import { bytes, count } from '../words/quantities.ts';
import { CutText } from './cut-text.tsx';
import type { TextDocument } from './text-document.ts';

interface PreviewDialogProps {
  document: TextDocument;
  /** In words; undefined until counted. */
  tokens: string | undefined;
  onChangeForm: () => void;
  onClose: () => void;
}

/** The text of a document as the model gets it. Loaded when first opened. The browser keeps the focus inside and returns it. */
export default function PreviewDialog({ document, tokens, onChangeForm, onClose }: PreviewDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const before = globalThis.document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  const { name, text, note, other } = document;
  const facts = [
    tokens,
    bytes(document.bytes),
    `${count(text.split('\n').length)} ${text.includes('\n') ? 'lines' : 'line'}`,
  ];
  return (
    <dialog
      ref={dialog}
      className="preview"
      aria-labelledby="preview-name"
      onClose={onClose}
      onClick={(event) => {
        // The dialog itself is hit only outside its content.
        if (event.target === dialog.current) onClose();
      }}
      // The page's own Esc stops a running answer.
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
    >
      <div className="preview-content">
        <header>
          <h2 id="preview-name">{name}</h2>
          <button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={onClose}>
            <CloseIcon />
          </button>
          <p>{facts.filter(Boolean).join(' · ')}</p>
        </header>
        {note !== undefined && <p className="preview-note">{note}</p>}
        {other && (
          <p className="preview-form">
            {other.form === 'source' ? 'The readable text of an HTML file.' : 'The source of an HTML file.'}{' '}
            <button type="button" className="text-button" onClick={onChangeForm}>
              {other.form === 'source' ? 'Attach its source instead' : 'Attach its readable text instead'}
            </button>
          </p>
        )}
        <CutText text={text} />
      </div>
    </dialog>
  );
}
