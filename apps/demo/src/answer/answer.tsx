import type { GenerationState } from '@headway/client/react';
import { memo, useEffect } from 'react';

import { AnswerText, loadMarkdown } from '../markdown/answer-text.tsx';
import { CopyButton } from '../shell/copy-button.tsx';
import { RetryIcon } from '../shell/icons.tsx';
import { AnswerProgress } from './answer-progress.tsx';
import { Reconnecting } from './reconnecting.tsx';
import { DoneFacts } from './done-facts.tsx';
import { Problem } from './problem.tsx';
import { Reasoning } from './reasoning.tsx';
import { WritingFacts } from './writing-facts.tsx';

interface AnswerProps {
  answer: GenerationState;
  /** Whether the connection is lost for now. */
  reconnecting?: boolean;
  /** When the message was sent, in ms since 1970: the time that the user has waited, also after a reload. */
  sentAt?: number | undefined;
  onRetry?: () => void;
  onEdit?: () => void;
}

/** An answer in every phase, always at the same place on the page. */
export const Answer = memo(function Answer({ answer, reconnecting, sentAt, onRetry, onEdit }: AnswerProps) {
  const { state, text, reasoning } = answer;
  const lost = reconnecting ?? answer.reconnecting;
  // While the prompt is read there is time to load what shows the answer.
  useEffect(() => void loadMarkdown(), []);
  return (
    <div className="answer" data-state={state}>
      <h2 className="visually-hidden">Answer</h2>
      <AnswerProgress answer={answer} lost={lost} sentAt={sentAt} />
      {reasoning !== '' && (
        <Reasoning
          text={reasoning}
          live={state === 'decode' && text === ''}
          tokens={answer.reasoningTokens}
          ms={answer.reasoningMs}
        />
      )}
      {text !== '' && <AnswerText text={text} live={state === 'decode'} />}
      {state === 'decode' && lost && <Reconnecting />}
      {state === 'decode' && !lost && <WritingFacts heartbeat={answer.heartbeat} stalledMs={answer.stalledMs} />}
      {state === 'done' && <DoneFoot answer={answer} onRetry={onRetry} />}
      {state === 'error' && answer.error && <Problem error={answer.error} onRetry={onRetry} onEdit={onEdit} />}
      {state === 'error' && text !== '' && (
        <div className="answer-actions">
          <CopyButton text={text} what="answer" />
        </div>
      )}
    </div>
  );
});

function DoneFoot({ answer, onRetry }: Pick<AnswerProps, 'answer' | 'onRetry'>) {
  const { text, finishReason, timings } = answer;
  return (
    <>
      {text === '' && (
        <p className="no-answer">
          {finishReason === 'cancelled' ? 'Stopped before the first word.' : 'The model wrote nothing.'}
        </p>
      )}
      <div className="answer-foot">
        {timings && finishReason && <DoneFacts timings={timings} finishReason={finishReason} />}
        <div className="answer-actions">
          {text !== '' && <CopyButton text={text} what="answer" />}
          {onRetry && (
            <button
              type="button"
              className="small-icon-button"
              aria-label="Answer again"
              title="Answer again"
              onClick={onRetry}
            >
              <RetryIcon />
            </button>
          )}
        </div>
      </div>
    </>
  );
}
