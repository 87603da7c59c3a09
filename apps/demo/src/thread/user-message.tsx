import { memo, useState } from 'react';

import type { Draft } from '../composer/draft.ts';
import { CutText, SentDocument } from '../documents/sent-document.tsx';
import { CopyButton } from '../shell/copy-button.tsx';
import { EditIcon } from '../shell/icons.tsx';
import type { Question } from '../storage/records.ts';
import { count } from '../words/quantities.ts';
import { QuestionEditor } from './question-editor.tsx';
import { VersionSwitch } from './version-switch.tsx';

/** From this number of characters on, a typed text starts closed. */
const long = 1500;

interface UserMessageProps {
  question: Question;
  versions: readonly Question[];
  editing: boolean;
  onEdit: (editing: boolean) => void;
  onResend: (message: Draft) => void;
  onChoose: (version: string) => void;
}

/** A message of the user with what can be done with it. */
export const UserMessage = memo(function UserMessage(props: UserMessageProps) {
  const { question, versions, editing, onEdit, onResend, onChoose } = props;
  const { text, documents } = question;
  if (editing) {
    return (
      <div className="user-message">
        <h2 className="visually-hidden">You</h2>
        <QuestionEditor message={{ text, documents }} onSend={onResend} onCancel={() => onEdit(false)} />
      </div>
    );
  }
  return (
    <div className="user-message">
      <h2 className="visually-hidden">You</h2>
      {documents.length > 0 && (
        <div className="sent-documents">
          {documents.map((document) => (
            <SentDocument key={document.id} document={document} />
          ))}
        </div>
      )}
      {text.trim() !== '' && <div className="user-bubble">{text.length > long ? <LongText text={text} /> : text}</div>}
      <div className="message-actions">
        <VersionSwitch what="message" versions={versions} shown={question.id} onChoose={onChoose} />
        {text !== '' && <CopyButton text={text} what="message" />}
        <button
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
