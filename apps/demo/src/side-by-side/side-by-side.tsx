import { Fragment } from 'react';

import type { Runs } from '../chats/runs.ts';
import type { Reply } from '../storage/records.ts';
import { AnswerCard } from './answer-card.tsx';
import { cardNames } from './card-names.ts';
import { totalsParts } from './card-words.ts';
import { SharedPrompt } from './shared-prompt.tsx';
import { useTotals } from './use-totals.ts';

interface SideBySideProps {
  replies: readonly Reply[];
  runs: Pick<Runs, 'get'>;
  onPick: (reply: Reply) => void;
  onStop: (reply: Reply) => void;
  /** Whether the connection is lost for now. */
  lost: boolean;
}

/** Several answers to one question, a card each, until the user goes on with one. */
export default function SideBySide({ replies, runs, onPick, onStop, lost }: SideBySideProps) {
  const totals = useTotals(replies, runs);
  const names = cardNames(replies);
  const readsAlone = new Set(replies.map(({ generation }) => generation)).size > 1;
  return (
    <div className="side-by-side">
      <h2 className="visually-hidden">Answers</h2>
      <SharedPrompt replies={replies} runs={runs} lost={lost} />
      <p className="side-by-side-totals">
        {totalsParts(totals).map((part, at) => (
          <Fragment key={at}>
            {at > 0 && ' · '}
            <span>{part}</span>
          </Fragment>
        ))}
      </p>
      <div className="cards">
        {replies.map((reply, at) => (
          <AnswerCard
            key={reply.id}
            reply={reply}
            runs={runs}
            name={names[at] ?? ''}
            longest={totals.longest}
            readsAlone={readsAlone}
            onPick={onPick}
            onStop={onStop}
          />
        ))}
      </div>
    </div>
  );
}
