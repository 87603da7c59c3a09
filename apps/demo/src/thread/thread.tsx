import { useLayoutEffect, type ReactNode } from 'react';

import type { Draft, ToolResult } from '../composer/draft.ts';
import { DownIcon } from '../shell/icons.tsx';
import { ErrorBoundary } from '../failure/error-boundary.tsx';
import { ExchangeView } from './exchange-view.tsx';
import type { Runs } from '../chats/runs.ts';
import type { Exchange } from '../conversation/tree.ts';
import type { Reply } from '../storage/records.ts';
import { useStickToBottom } from '../shell/use-stick-to-bottom.ts';

interface ThreadProps {
  exchanges: readonly Exchange[];
  runs: Pick<Runs, 'get'>;
  /** Whether the connection is lost for now. */
  reconnecting: boolean;
  /** Shown while the chat has no exchanges. */
  empty: ReactNode;
  onAnswerAgain: (question: string) => void;
  onResend: (question: string, message: Draft) => void;
  onChoose: (parent: string | null, version: string | null) => void;
  /** Goes on with one of several answers; null shows them side by side again. */
  onPick: (question: string, answer: string | null) => void;
  onStop: (reply: Reply) => void;
  /** Sends the results of the last answer's tool calls. */
  onResults: (results: ToolResult[]) => void;
}

/** The chat. Its last exchange is as high as the view, so that a growing answer moves nothing. */
export function Thread({ exchanges, empty, onResults, ...rest }: ThreadProps) {
  const { scroller, content, atBottom, toBottom } = useStickToBottom();
  const last = exchanges.at(-1);
  const lastId = last?.question.id;
  const beside = Boolean(last?.sideBySide);
  useLayoutEffect(() => {
    // Answers side by side are higher than the view: their beginning stays in it, with the bar of their prompt.
    if (lastId !== undefined) toBottom(!beside);
  }, [lastId, beside, toBottom]);

  return (
    <main className="thread">
      <div className="thread-scroll" ref={scroller}>
        <div className="thread-column" ref={content}>
          {exchanges.length === 0 && empty}
          {exchanges.map((exchange) => (
            <ErrorBoundary key={exchange.question.id} what="This message and its answer">
              <ExchangeView
                exchange={exchange}
                onResults={exchange.question.id === lastId ? onResults : undefined}
                {...rest}
              />
            </ErrorBoundary>
          ))}
        </div>
      </div>
      {!atBottom && (
        <button
          type="button"
          className="to-bottom"
          aria-label="To the end of the chat"
          title="To the end"
          onClick={() => toBottom()}
        >
          <DownIcon />
        </button>
      )}
    </main>
  );
}
