import type { GenerationState } from '@headway/client/react';
import { memo, Suspense, useEffect } from 'react';

import type { ToolResult } from '../composer/draft.ts';
import { jsonAnswer } from '../conversation/json-answer.ts';
import { AnswerText, loadMarkdown } from '../markdown/answer-text.tsx';
import { CopyButton } from '../shell/copy-button.tsx';
import { RetryIcon } from '../shell/icons.tsx';
import { ToolCalls } from '../tools/load-tools.tsx';
import { noAnswerWords } from '../words/no-answer-words.ts';
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
  /** Whether JSON was asked for. */
  json?: boolean | undefined;
  /** Sends the results of its tool calls; left out where others came after it. */
  onResults?: ((results: ToolResult[]) => void) | undefined;
}

/** An answer in every phase, always at the same place on the page. */
export const Answer = memo(function Answer(props: AnswerProps) {
  const { answer, reconnecting, sentAt, onRetry, onEdit, json = false, onResults } = props;
  const { state, text, reasoning, toolCalls } = answer;
  const live = state === 'decode';
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
      {text !== '' && <AnswerText text={json ? jsonAnswer(text, live) : text} live={live} />}
      {toolCalls.length > 0 && (
        <Suspense>
          <ToolCalls calls={toolCalls} live={live} onResults={state === 'done' ? onResults : undefined} />
        </Suspense>
      )}
      {state === 'decode' && lost && <Reconnecting />}
      {state === 'decode' && !lost && (
        <WritingFacts
          thinking={reasoning !== '' && text === ''}
          heartbeat={answer.heartbeat}
          stalledMs={answer.stalledMs}
        />
      )}
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
  const { text, finishReason, timings, toolCalls } = answer;
  return (
    <>
      {text === '' && toolCalls.length === 0 && <p className="no-answer">{noAnswerWords(answer)}</p>}
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
