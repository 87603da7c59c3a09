import type { GenerationInfo } from '@headway/client';
import type { CSSProperties, ReactNode } from 'react';

import { StopIcon } from '../shell/icons.tsx';
import { WatchIcon } from './watch-icon.tsx';

export interface RequestActions {
  /** The page's own name of a request; null for a request from elsewhere. */
  titleOf?: ((id: string) => string | null) | undefined;
  onWatch?: ((id: string) => void) | undefined;
  onCancel: (id: string, title: string) => void;
  /** Requests that are being cancelled. */
  cancelling: ReadonlySet<string>;
}

interface RequestRowProps {
  id: string;
  title: string;
  info?: GenerationInfo | undefined;
  actions: RequestActions;
  children: ReactNode;
}

/** An own request: its name, what it does, and what one can do about it. */
export function RequestRow({ id, title, info, actions, children }: RequestRowProps) {
  const { onWatch, onCancel, cancelling } = actions;
  const stopping = cancelling.has(id);
  return (
    <div className="own-request">
      <div className="own-head">
        <p className="own-title" title={id}>
          {title}
        </p>
        {onWatch && (
          <button
            type="button"
            className="small-icon-button"
            aria-label={`Watch ${title}`}
            title="Watch"
            onClick={() => onWatch(id)}
          >
            <WatchIcon />
          </button>
        )}
        <button
          type="button"
          className="small-icon-button"
          aria-label={`Cancel ${title}`}
          title={stopping ? 'Cancelling' : 'Cancel'}
          aria-disabled={stopping}
          onClick={() => {
            if (!stopping) onCancel(id, title);
          }}
        >
          <StopIcon />
        </button>
      </div>
      {info && <ReadBar info={info} />}
      {children}
    </div>
  );
}

/** How far the prompt is read, the cached tokens in their own tone. The words beside it tell the same. */
function ReadBar({ info: { state, processed, cached, total } }: { info: GenerationInfo }) {
  if (state !== 'prefill' || processed === null || !total) return null;
  const style = { '--done': processed / total, '--cached': (cached ?? 0) / total } as CSSProperties;
  return (
    <div className="bar own-bar" style={style} aria-hidden="true">
      <div className="bar-read" />
      <div className="bar-cached" />
    </div>
  );
}
