import { lazy, memo, Suspense, useCallback, useState } from 'react';

import type { Draft, ToolResult } from '../composer/draft.ts';
import { ReplyAnswer } from './reply-answer.tsx';
import type { Runs } from '../chats/runs.ts';
import type { Exchange } from '../conversation/tree.ts';
import type { Reply } from '../storage/records.ts';
import { UserMessage } from './user-message.tsx';
import { VersionSwitch } from './version-switch.tsx';

const SideBySide = lazy(() => import('../side-by-side/side-by-side.tsx'));

interface ExchangeViewProps {
  exchange: Exchange;
  runs: Pick<Runs, 'get'>;
  reconnecting: boolean;
  onAnswerAgain: (question: string) => void;
  onResend: (question: string, message: Draft) => void;
  onChoose: (parent: string | null, version: string | null) => void;
  onPick: (question: string, answer: string | null) => void;
  onStop: (reply: Reply) => void;
  /** Only for the last exchange. */
  onResults: ((results: ToolResult[]) => void) | undefined;
}

/** A message and its answer. */
export const ExchangeView = memo(function ExchangeView(props: ExchangeViewProps) {
  const { exchange, runs, reconnecting, onAnswerAgain, onResend, onChoose, onPick, onStop, onResults } = props;
  const { question, versions, reply, replies, sideBySide } = exchange;
  const [editing, setEditing] = useState(false);
  const edit = useCallback(() => setEditing(true), []);
  const again = useCallback(() => onAnswerAgain(question.id), [onAnswerAgain, question.id]);
  return (
    <article className="exchange">
      <UserMessage
        question={question}
        versions={versions}
        reply={reply}
        runs={runs}
        editing={editing}
        onEdit={setEditing}
        onResend={(message) => {
          setEditing(false);
          onResend(question.id, message);
        }}
        onChoose={(version) => onChoose(question.parent, version)}
      />
      {sideBySide && (
        <Suspense>
          <SideBySide
            replies={sideBySide}
            runs={runs}
            onPick={(picked) => onPick(question.id, picked.id)}
            onStop={onStop}
            lost={reconnecting}
          />
        </Suspense>
      )}
      {reply && !sideBySide && (
        <div className="reply">
          <ReplyAnswer
            reply={reply}
            runs={runs}
            reconnecting={reconnecting}
            onRetry={again}
            onEdit={question.toolResults ? undefined : edit}
            onResults={onResults}
          />
          <VersionSwitch
            what="answer"
            versions={replies}
            shown={reply.id}
            onChoose={(version) => onChoose(question.id, version)}
          />
          {reply.set !== null && reply.set === replies.at(-1)?.set && (
            <button type="button" className="more-button" onClick={() => onPick(question.id, null)}>
              Show the answers side by side
            </button>
          )}
        </div>
      )}
    </article>
  );
});
