import { useLayoutEffect, useRef, type ClipboardEvent, type KeyboardEvent, type Ref } from 'react';

import { DocumentChip } from '../documents/document-chip.tsx';
import { longPaste } from '../documents/text-document.ts';
import { AttachIcon, SendIcon, StopIcon } from '../shell/icons.tsx';
import { isEmpty, type Draft } from './draft.ts';
import { sendsMessage } from './sends-message.ts';
import { SettingsButton } from './settings-button.tsx';
import type { Settings } from './settings.ts';

interface ComposerProps {
  draft: Draft;
  /** Why an attachment or a message was refused. */
  notice: string | null;
  settings: Settings;
  /** Whether an answer runs; the button then stops it. */
  busy: boolean;
  /** Whether the user stopped the answer, and it has not ended yet. */
  stopping: boolean;
  boxRef: Ref<HTMLTextAreaElement>;
  onWrite: (text: string) => void;
  onFiles: (files: File[]) => void;
  onLongPaste: (text: string) => void;
  onRemove: (id: string) => void;
  onSettings: (settings: Settings) => void;
  onSend: () => void;
  onStop: () => void;
}

/** The box for a message and its documents, with the button that sends it or stops the answer. */
export function Composer(props: ComposerProps) {
  const {
    draft,
    notice,
    settings,
    busy,
    stopping,
    boxRef,
    onWrite,
    onFiles,
    onLongPaste,
    onRemove,
    onSettings,
    onSend,
    onStop,
  } = props;
  const filePicker = useRef<HTMLInputElement>(null);

  const paste = (event: ClipboardEvent) => {
    const { files } = event.clipboardData;
    const text = event.clipboardData.getData('text/plain');
    if (files.length > 0 && text === '') {
      event.preventDefault();
      onFiles([...files]);
    } else if (text.length >= longPaste) {
      event.preventDefault();
      onLongPaste(text);
    }
  };

  const key = (event: KeyboardEvent) => {
    if (!sendsMessage(event)) return;
    event.preventDefault();
    onSend();
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      {notice !== null && (
        <p className="notice" role="alert">
          {notice}
        </p>
      )}
      <div className="composer-box">
        {draft.documents.length > 0 && (
          <ul className="chips" aria-label="Attached documents">
            {draft.documents.map((document) => (
              <DocumentChip key={document.id} document={document} onRemove={() => onRemove(document.id)} />
            ))}
          </ul>
        )}
        <Box
          ref={boxRef}
          value={draft.text}
          asksAboutDocument={draft.documents.length > 0}
          onWrite={onWrite}
          onPaste={paste}
          onKeyDown={key}
        />
        <div className="composer-row">
          <input
            ref={filePicker}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              onFiles([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = '';
            }}
          />
          <button
            type="button"
            className="icon-button"
            aria-label="Attach a document"
            title="Attach a document"
            onClick={() => filePicker.current?.click()}
          >
            <AttachIcon />
          </button>
          <SettingsButton settings={settings} onChange={onSettings} />
          <p className="composer-hint">
            <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> starts a new line
          </p>
          {busy ? (
            <button
              type="button"
              className="send-button"
              data-stop
              title="Stop (Esc)"
              disabled={stopping}
              onClick={onStop}
            >
              <StopIcon /> {stopping ? 'Stopping' : 'Stop'}
            </button>
          ) : (
            <button
              type="submit"
              className="send-button"
              aria-label="Send"
              title="Send (Enter)"
              disabled={isEmpty(draft)}
            >
              <SendIcon />
            </button>
          )}
        </div>
      </div>
    </form>
  );
}

interface BoxProps {
  ref: Ref<HTMLTextAreaElement>;
  value: string;
  asksAboutDocument: boolean;
  onWrite: (text: string) => void;
  onPaste: (event: ClipboardEvent) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** A text box that grows with its text, up to a limit in CSS. */
function Box({ ref, value, asksAboutDocument, onWrite, onPaste, onKeyDown }: BoxProps) {
  const own = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = own.current?.querySelector('textarea');
    if (!box || CSS.supports('field-sizing', 'content')) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }, [value]);
  return (
    <div ref={own}>
      <textarea
        ref={ref}
        className="composer-text"
        rows={1}
        value={value}
        aria-label="Message"
        placeholder={asksAboutDocument ? 'Ask about the document' : 'Write, or paste or drop a document'}
        autoFocus
        onChange={(event) => onWrite(event.currentTarget.value)}
        onPaste={onPaste}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
