import { useCallback, useLayoutEffect, useRef } from 'react';

import type { Draft, ToolResult } from '../composer/draft.ts';
import type { Reply } from '../storage/records.ts';
import type { AskOptions, Chats } from './chats.ts';

interface ThreadActionsOptions {
  options: AskOptions;
  /** Says why something could not be done. The same function at every render, as `focusBox`. */
  setNotice: (notice: string | null) => void;
  focusBox: () => void;
}

/** What can be done with messages that were sent: the same functions at every render, so that no message renders for them. */
export function useThreadActions(chats: Chats, { options, setNotice, focusBox }: ThreadActionsOptions) {
  const latest = useRef(options);
  useLayoutEffect(() => {
    latest.current = options;
  });
  /** The pressed button goes away: a focus that came by the keyboard goes on in the box for a message. */
  const passFocus = useCallback(() => {
    if (document.activeElement?.matches(':focus-visible')) focusBox();
  }, [focusBox]);
  const answerAgain = useCallback(
    (question: string) => {
      setNotice(chats.answerAgain(question, latest.current));
      passFocus();
    },
    [chats, setNotice, passFocus],
  );
  const resend = useCallback(
    (question: string, message: Draft) => {
      setNotice(chats.resend(question, message, latest.current));
      focusBox();
    },
    [chats, setNotice, focusBox],
  );
  const sendResults = useCallback(
    (toolResults: ToolResult[]) => {
      setNotice(chats.send({ text: '', documents: [], toolResults }, latest.current));
      focusBox();
    },
    [chats, setNotice, focusBox],
  );
  const choose = useCallback((parent: string | null, version: string | null) => chats.choose(parent, version), [chats]);
  const pick = useCallback(
    (question: string, answer: string | null) => {
      chats.choose(question, answer);
      passFocus();
    },
    [chats, passFocus],
  );
  const stopReply = useCallback((reply: Reply) => chats.stop(reply), [chats]);
  return { answerAgain, resend, sendResults, choose, pick, stopReply };
}
