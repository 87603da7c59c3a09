import { memo, Suspense, useEffect, type CSSProperties } from 'react';

import { Problem } from '../answer/problem.tsx';
import { Reasoning } from '../answer/reasoning.tsx';
import type { Runs } from '../chats/runs.ts';
import { jsonAnswer } from '../conversation/json-answer.ts';
import { AnswerText } from '../markdown/answer-text.tsx';
import { PrefillBar } from '../prefill/prefill-bar.tsx';
import { CopyButton } from '../shell/copy-button.tsx';
import type { Reply } from '../storage/records.ts';
import { useReply } from '../chats/use-reply.ts';
import { useStickToBottom } from '../shell/use-stick-to-bottom.ts';
import { ToolCalls } from '../tools/load-tools.tsx';
import { count, rate, tokens } from '../words/quantities.ts';
import { cardState } from './card-words.ts';

interface AnswerCardProps {
  reply: Reply;
  runs: Pick<Runs, 'get'>;
  /** `Answer 2`, or the model's name. */
  name: string;
  /** Tokens of the longest answer beside it. */
  longest: number;
  /** Whether its prompt is read for this answer alone, so that the card shows how far. */
  readsAlone: boolean;
  onPick: (reply: Reply) => void;
  onStop: (reply: Reply) => void;
}

/** One of several answers to a question. */
export const AnswerCard = memo(function AnswerCard(props: AnswerCardProps) {
  const { reply, runs, name, longest, readsAlone, onPick, onStop } = props;
  const answer = useReply(reply, runs);
  const { scroller, content, toBottom } = useStickToBottom();
  const { state, text, reasoning, completionTokens, tokensPerSecond, toolCalls } = answer;
  const live = state === 'decode';
  const wroteNothing = text === '' && toolCalls.length === 0;
  const running = state !== 'done' && state !== 'error';
  const writes = state === 'decode' || !running;
  useEffect(() => {
    if (running) toBottom();
  }, [running, toBottom]);
  return (
    <div className="card" data-state={state} role="group" aria-label={name}>
      <header className="card-head">
        <h3>{name}</h3>
        <p>{cardState(answer)}</p>
        <p className="card-numbers">
          {writes && tokens(completionTokens)}
          {tokensPerSecond !== null && <span>{` · ${rate(tokensPerSecond)} tokens/s`}</span>}
        </p>
      </header>
      {writes ? (
        <div
          className="bar"
          role="progressbar"
          aria-label="Written, compared with the longest answer"
          aria-valuemin={0}
          aria-valuemax={Math.max(1, longest)}
          aria-valuenow={completionTokens}
          aria-valuetext={`${count(completionTokens)} of ${count(longest)} tokens`}
          style={{ '--done': longest === 0 ? 0 : completionTokens / longest, '--cached': 0 } as CSSProperties}
        >
          <div className="bar-read" />
        </div>
      ) : (
        readsAlone && <PrefillBar prefill={answer.prefill} />
      )}
      <div className="card-text" ref={scroller} tabIndex={0} role="group" aria-label={`Text of ${name}`}>
        <div ref={content}>
          {reasoning !== '' && (
            <Reasoning
              text={reasoning}
              live={state === 'decode' && text === ''}
              tokens={answer.reasoningTokens}
              ms={answer.reasoningMs}
            />
          )}
          {text !== '' && <AnswerText text={reply.json ? jsonAnswer(text, live) : text} live={live} />}
          {toolCalls.length > 0 && (
            <Suspense>
              <ToolCalls calls={toolCalls} live={live} />
            </Suspense>
          )}
          {state === 'error' && answer.error && <Problem error={answer.error} onRetry={undefined} onEdit={undefined} />}
        </div>
      </div>
      <footer className="card-foot">
        <button type="button" className="text-button" disabled={wroteNothing} onClick={() => onPick(reply)}>
          Go on with this
        </button>
        {running ? (
          <button type="button" className="text-button" disabled={answer.stopping} onClick={() => onStop(reply)}>
            Stop
          </button>
        ) : (
          text !== '' && <CopyButton text={text} what={name} />
        )}
      </footer>
    </div>
  );
});
