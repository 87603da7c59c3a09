import { memo, useState } from 'react';

import type { Draft } from '../composer/draft.ts';
import { CutText } from '../documents/cut-text.tsx';
import { SentDocument } from '../documents/sent-document.tsx';
import { count } from '../words/quantities.ts';

/** From this number of characters on, a typed text starts closed. */
const long = 1500;

export const UserMessage = memo(function UserMessage({ message: { text, documents } }: { message: Draft }) {
  return (
    <div className="user-message">
      <h2 className="visually-hidden">You</h2>
      {documents.map((document) => (
        <SentDocument key={document.id} document={document} />
      ))}
      {text.trim() !== '' && <div className="user-bubble">{text.length > long ? <LongText text={text} /> : text}</div>}
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
