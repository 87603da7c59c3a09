import { memo, Suspense, useEffect, useRef, useState } from 'react';

import type { Runs } from '../chats/runs.ts';
import type { Draft } from '../composer/draft.ts';
import { CutText } from '../documents/cut-text.tsx';
import { CopyButton } from '../shell/copy-button.tsx';
import { EditIcon } from '../shell/icons.tsx';
import type { Question, Reply } from '../storage/records.ts';
import { ToolResults } from '../tools/load-tools.tsx';
import { count } from '../words/quantities.ts';
import { QuestionEditor } from './question-editor.tsx';
import { SentDocuments } from './sent-documents.tsx';
import { VersionSwitch } from './version-switch.tsx';

/** From this number of characters on, a typed text starts closed. */
const long = 1500;

interface UserMessageProps {
  question: Question;
  versions: readonly Question[];
  /** Its answer, while which is read the documents fill; null if there is none. */
  reply: Reply | null;
  runs: Pick<Runs, 'get'>;
  editing: boolean;
  onEdit: (editing: boolean) => void;
  onResend: (message: Draft) => void;
  onChoose: (version: string) => void;
}

/** A message of the user with what can be done with it. */
export const UserMessage = memo(function UserMessage(props: UserMessageProps) {
  const { question, versions, reply, runs, editing, onEdit, onResend, onChoose } = props;
  const { text, documents, toolResults } = question;
  const editButton = useRef<HTMLButtonElement>(null);
  const edited = useRef(editing);
  useEffect(() => {
    // The editor had the focus, unless another part has taken it.
    if (edited.current && !editing && document.activeElement === document.body) editButton.current?.focus();
    edited.current = editing;
  }, [editing]);
  if (editing) {
    return (
      <div className="user-message">
        <h2 className="visually-hidden">You</h2>
        <QuestionEditor message={{ text, documents }} onSend={onResend} onCancel={() => onEdit(false)} />
      </div>
    );
  }
  if (toolResults) {
    return (
      <div className="user-message">
        <h2 className="visually-hidden">Results of tools</h2>
        <Suspense>
          <ToolResults
            results={toolResults}
            onResend={(changed) => onResend({ text: '', documents: [], toolResults: changed })}
          />
        </Suspense>
        <div className="message-actions">
          <VersionSwitch what="result" versions={versions} shown={question.id} onChoose={onChoose} />
        </div>
      </div>
    );
  }
  return (
    <div className="user-message">
      <h2 className="visually-hidden">You</h2>
      {documents.length > 0 && <SentDocuments documents={documents} reply={reply} runs={runs} />}
      {text.trim() !== '' && <div className="user-bubble">{text.length > long ? <LongText text={text} /> : text}</div>}
      <div className="message-actions">
        <VersionSwitch what="message" versions={versions} shown={question.id} onChoose={onChoose} />
        {text !== '' && <CopyButton text={text} what="message" />}
        <button
          ref={editButton}
          type="button"
          className="small-icon-button"
          aria-label="Edit the message"
          title="Edit and send again"
          onClick={() => onEdit(true)}
        >
          <EditIcon />
        </button>
      </div>
    </div>
  );
});

function LongText({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      {open ? <CutText text={text} /> : `${text.slice(0, long / 3).trimEnd()} …`}
      <button type="button" className="more-button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Show less' : `Show all ${count(text.length)} characters`}
      </button>
    </>
  );
}
