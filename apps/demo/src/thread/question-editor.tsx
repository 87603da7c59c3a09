import { useRef, useState, type KeyboardEvent } from 'react';

import { isEmpty, type Draft } from '../composer/draft.ts';
import { sendsMessage } from '../composer/sends-message.ts';
import { DocumentList } from '../documents/document-list.tsx';
import { inOtherForm } from '../documents/text-document.ts';

interface QuestionEditorProps {
  message: Draft;
  onSend: (message: Draft) => void;
  onCancel: () => void;
}

/** A sent message in a box of its own, to be sent again with changes. */
export function QuestionEditor({ message, onSend, onCancel }: QuestionEditorProps) {
  const [draft, setDraft] = useState(message);
  const box = useRef<HTMLTextAreaElement>(null);
  const send = () => {
    if (!isEmpty(draft)) onSend(draft);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    // The first Esc closes the editor, the second stops the answer.
    event.preventDefault();
    event.stopPropagation();
    onCancel();
  };
  return (
    <form
      className="question-editor"
      onKeyDown={key}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <DocumentList
        documents={draft.documents}
        tokensOf={() => undefined}
        readings={[]}
        onRemove={(removed) => {
          setDraft({ ...draft, documents: draft.documents.filter(({ id }) => id !== removed) });
          box.current?.focus();
        }}
        onChangeForm={(id) => {
          setDraft({ ...draft, documents: draft.documents.map((one) => (one.id === id ? inOtherForm(one) : one)) });
        }}
        onStopReading={() => undefined}
      />
      <textarea
        ref={box}
        aria-label="New text of the question"
        value={draft.text}
        rows={Math.min(12, draft.text.split('\n').length + 1)}
        autoFocus
        onChange={(event) => setDraft({ ...draft, text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (!sendsMessage(event)) return;
          event.preventDefault();
          send();
        }}
      />
      <div className="question-editor-actions">
        <p>The earlier version and its answers stay.</p>
        <button type="button" className="text-button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className="text-button" data-primary disabled={isEmpty(draft)}>
          Send
        </button>
      </div>
    </form>
  );
}
