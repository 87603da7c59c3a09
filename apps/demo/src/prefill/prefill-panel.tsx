import type { GenerationState } from '@headway/client/react';

import { prefillDetail, prefillTitle, promptStage } from '../words/prefill-words.ts';
import { Heartbeat } from './heartbeat.tsx';
import { PrefillBar } from './prefill-bar.tsx';
import { PrefillFigure } from './prefill-figure.tsx';
import { PrefillLegend } from './prefill-legend.tsx';
import { PrefillNotice } from './prefill-notice.tsx';
import { TimeToGo } from './time-to-go.tsx';
import { WaitingTime } from './waiting-time.tsx';

interface PrefillPanelProps {
  generation: Pick<GenerationState, 'prefill' | 'stalledMs' | 'spans' | 'heartbeat'>;
  /** Whether the connection is lost for now. */
  lost: boolean;
  /** When the message was sent, in ms since 1970; left out, the panel counts from its own beginning. */
  sentAt?: number | undefined;
}

/**
 * The prompt's progress until the first token, at the place of the answer. Every state has the same height, so that
 * nothing moves between them.
 */
export function PrefillPanel({ generation, lost, sentAt }: PrefillPanelProps) {
  const { prefill, stalledMs, spans, heartbeat } = generation;
  const stage = promptStage(prefill);
  const stalled = stalledMs !== null;
  return (
    <section
      className="prefill"
      data-phase={stage}
      data-lost={lost || undefined}
      data-stalled={stalled || undefined}
      aria-label="Progress of the prompt"
    >
      <span className="prefill-figure" aria-hidden="true">
        <PrefillFigure prefill={prefill} lost={lost} />
      </span>
      <div className="prefill-where">
        <h3>{lost ? 'Connection lost' : prefillTitle(prefill)}</h3>
        <p>{lost ? 'Reconnecting to the gateway' : prefillDetail(prefill)}</p>
      </div>
      <div className="prefill-when">
        {lost ? (
          <WaitingTime key="lost" what="without connection" />
        ) : prefill?.phase === 'prefill' ? (
          <TimeToGo prefill={prefill} stalledMs={stalledMs} />
        ) : (
          <WaitingTime key="waiting" since={sentAt} what="waited so far" />
        )}
      </div>
      <PrefillBar prefill={prefill} />
      <PrefillLegend prefill={prefill} />
      <div className="prefill-notice">
        <PrefillNotice prefill={prefill} stalledMs={stalledMs} spans={spans} lost={lost} />
        <Heartbeat beat={heartbeat} />
      </div>
    </section>
  );
}
