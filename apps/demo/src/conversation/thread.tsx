import type { GenerationState } from '@headway/client/react';
import { useLayoutEffect, type ReactNode } from 'react';

import { Answer } from '../answer/answer.tsx';
import { DownIcon } from '../shell/icons.tsx';
import type { Exchange } from './exchange.ts';
import { useStickToBottom } from './use-stick-to-bottom.ts';
import { UserMessage } from './user-message.tsx';

interface ThreadProps {
  exchanges: Exchange[];
  generation: GenerationState;
  /** Whether the connection is lost for now. */
  reconnecting: boolean;
  /** Shown while the chat has no exchanges. */
  empty: ReactNode;
  onRetry: () => void;
  onEdit: () => void;
}

/** The chat. Its last exchange is as high as the view, so that a growing answer moves nothing. */
export function Thread({ exchanges, generation, reconnecting, empty, onRetry, onEdit }: ThreadProps) {
  const { scroller, content, atBottom, toBottom } = useStickToBottom();
  const lastId = exchanges.at(-1)?.id;
  useLayoutEffect(() => {
    if (lastId !== undefined) toBottom();
  }, [lastId, toBottom]);

  return (
    <main className="thread">
      <div className="thread-scroll" ref={scroller}>
        <div className="thread-column" ref={content}>
          {exchanges.length === 0 && empty}
          {exchanges.map(({ id, message, answer }) => (
            <article className="exchange" key={id}>
              <UserMessage message={message} />
              {id === lastId ? (
                <Answer answer={answer ?? generation} reconnecting={reconnecting} onRetry={onRetry} onEdit={onEdit} />
              ) : (
                answer && <Answer answer={answer} />
              )}
            </article>
          ))}
        </div>
      </div>
      {!atBottom && (
        <button
          type="button"
          className="to-bottom"
          aria-label="To the end of the chat"
          title="To the end"
          onClick={toBottom}
        >
          <DownIcon />
        </button>
      )}
    </main>
  );
}
