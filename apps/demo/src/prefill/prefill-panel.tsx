import type { PrefillEvent } from '@headway/client';

import { percent, percentLoaded, prefillDetail, prefillTitle } from '../words/prefill-words.ts';
import { rate, timeToGo } from '../words/quantities.ts';
import { PrefillBar } from './prefill-bar.tsx';
import { PrefillLegend } from './prefill-legend.tsx';
import { WaitingTime } from './waiting-time.tsx';

/**
 * The prompt's progress until the first token, at the place of the answer. Every phase has the same height, so that
 * nothing moves between them.
 */
export function PrefillPanel({ prefill, stalledMs }: { prefill: PrefillEvent | null; stalledMs: number | null }) {
  const reading = prefill?.phase === 'prefill';
  return (
    <section className="prefill" data-phase={prefill?.phase ?? 'sending'} aria-label="Progress of the prompt">
      <div className="prefill-head">
        <span className="prefill-figure" aria-hidden="true">
          <Figure prefill={prefill} />
        </span>
        <div className="prefill-where">
          <h3>{prefillTitle(prefill)}</h3>
          <p>{prefillDetail(prefill)}</p>
        </div>
        <div className="prefill-when">
          {reading ? <TimeToGo prefill={prefill} stalledMs={stalledMs} /> : <WaitingTime key={prefill?.phase} />}
        </div>
      </div>
      <PrefillBar prefill={prefill} />
      <PrefillLegend prefill={prefill} />
    </section>
  );
}

function Figure({ prefill }: { prefill: PrefillEvent | null }) {
  if (prefill?.phase === 'prefill' && !prefill.waiting) {
    return (
      <>
        {percent(prefill)}
        <small>%</small>
      </>
    );
  }
  const loaded = percentLoaded(prefill);
  if (loaded !== null) {
    return (
      <>
        {loaded}
        <small>%</small>
      </>
    );
  }
  if (prefill?.phase === 'queued' && prefill.queuePosition !== null) {
    return (
      <>
        <small>#</small>
        {prefill.queuePosition}
      </>
    );
  }
  return <span className="prefill-dots" />;
}

function TimeToGo({ prefill, stalledMs }: { prefill: PrefillEvent; stalledMs: number | null }) {
  const { etaMs, tokensPerSecond, processed, total } = prefill;
  if (stalledMs !== null) {
    return (
      <>
        <strong>No news for {timeToGo(stalledMs)}</strong>
        <p> </p>
      </>
    );
  }
  return (
    <>
      <strong>{processed === total ? 'All read' : etaMs === null ? 'Measuring' : `${timeToGo(etaMs)} to go`}</strong>
      <p>{tokensPerSecond === null ? ' ' : `${rate(tokensPerSecond)} tokens/s`}</p>
    </>
  );
}
