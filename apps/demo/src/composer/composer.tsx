import {
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from 'react';

import { DocumentList } from '../documents/document-list.tsx';
import type { Reading } from '../documents/reading.ts';
import { longPaste } from '../documents/text-document.ts';
import { ContextMeter } from '../forecast/context-meter.tsx';
import { documentTokensText } from '../forecast/forecast-words.ts';
import { sendAdvice } from '../forecast/send-advice.ts';
import type { PromptForecast } from '../forecast/use-forecast.ts';
import { AttachIcon, FolderIcon, SendIcon, StopIcon } from '../shell/icons.tsx';
import { isEmpty, type Draft } from './draft.ts';
import { sendsMessage } from './sends-message.ts';

interface ComposerProps {
  draft: Draft;
  /** Files that are being read for the draft. */
  readings: readonly Reading[];
  /** What the message would meet if it were sent now. */
  forecast: PromptForecast;
  /** Whether messages and answers come before this one. */
  hasHistory: boolean;
  /** Why an attachment or a message was refused, a line each. */
  notice: string | null;
  /** Opens the settings. */
  settingsButton: ReactNode;
  /** Chooses how many answers to ask for. */
  askedButton: ReactNode;
  /** Whether an answer runs; the button then stops it. */
  busy: boolean;
  /** Whether the user stopped the answer, and it has not ended yet. */
  stopping: boolean;
  boxRef: Ref<HTMLTextAreaElement>;
  onWrite: (text: string) => void;
  onFiles: (files: File[]) => void;
  onLongPaste: (text: string) => void;
  onRemove: (id: string) => void;
  /** Exchanges the text of an HTML document for its source, or the reverse. */
  onChangeForm: (id: string) => void;
  onStopReading: (id: string) => void;
  onSend: () => void;
  onStop: () => void;
}

/** The box for a message and its documents, with the button that sends it or stops the answer. */
export function Composer(props: ComposerProps) {
  const {
    draft,
    readings,
    forecast,
    hasHistory,
    notice,
    settingsButton,
    askedButton,
    busy,
    stopping,
    boxRef,
    onWrite,
    onFiles,
    onLongPaste,
    onRemove,
    onChangeForm,
    onStopReading,
    onSend,
    onStop,
  } = props;
  const filePicker = useRef<HTMLInputElement>(null);
  const adviceId = useId();
  const { advice, refusal } = sendAdvice({ forecast, documents: draft.documents, readings, hasHistory });
  // The last time that Send was pressed in vain, so that screen readers hear the reason each time.
  const [attempt, setAttempt] = useState<{ number: number; refusal: string } | null>(null);

  const send = () => {
    if (refusal !== null && !busy && !isEmpty(draft)) setAttempt({ number: (attempt?.number ?? 0) + 1, refusal });
    else onSend();
  };

  const pick = (folder: boolean) => {
    const picker = filePicker.current;
    if (!picker) return;
    picker.webkitdirectory = folder;
    picker.click();
  };

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
    send();
  };

  return (
    <form
      className="composer"
      aria-label="New message"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {notice !== null && (
        <p className="notice" role="alert">
          {notice}
        </p>
      )}
      {advice !== null && (
        <p className="notice" role="status" id={adviceId}>
          {advice}
        </p>
      )}
      {attempt !== null && attempt.refusal === refusal && (
        <p className="visually-hidden" role="alert" key={attempt.number}>
          Not sent. {refusal}
        </p>
      )}
      <div className="composer-box">
        <DocumentList
          documents={draft.documents}
          tokensOf={({ id }) => {
            const count = forecast.documentTokens.get(id);
            return count && documentTokensText(count);
          }}
          readings={readings}
          onRemove={onRemove}
          onChangeForm={onChangeForm}
          onStopReading={onStopReading}
        />
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
            aria-label="Attach documents"
            title="Attach documents"
            onClick={() => pick(false)}
          >
            <AttachIcon />
          </button>
          <button
            type="button"
            className="icon-button attach-folder"
            aria-label="Attach a folder"
            title="Attach a folder"
            onClick={() => pick(true)}
          >
            <FolderIcon />
          </button>
          {settingsButton}
          {askedButton}
          <ContextMeter
            forecast={forecast.forecast}
            documents={draft.documents}
            documentTokens={forecast.documentTokens}
          />
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
              // Still reachable for screen readers, which then tell the reason.
              aria-disabled={refusal !== null || undefined}
              aria-describedby={advice === null ? undefined : adviceId}
              title={refusal ?? 'Send (Enter)'}
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
        placeholder={asksAboutDocument ? 'Ask about the document' : 'Write, or add documents'}
        autoFocus
        onChange={(event) => onWrite(event.currentTarget.value)}
        onPaste={onPaste}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}
