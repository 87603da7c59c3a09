import type { PrefillEvent } from '@headway/client';
import type { CSSProperties } from 'react';

import { percentLoaded, prefillTitle, prefillValueText, promptStage } from '../words/prefill-words.ts';

/**
 * The bar: the cached tokens, those read since and those to come. Each event moves it one step, and none back: while the
 * prompt waits in the queue, the tokens that may come from cache are a forecast, drawn as one and no value of the bar.
 */
export function PrefillBar({ prefill }: { prefill: PrefillEvent | null }) {
  const stage = promptStage(prefill);
  const loaded = percentLoaded(prefill);
  if (prefill && loaded !== null) {
    return (
      <div
        key="loading"
        className="bar"
        data-stage={stage}
        role="progressbar"
        aria-label="Model loaded"
        aria-valuenow={loaded}
        aria-valuetext={prefillValueText(prefill)}
        style={{ '--done': loaded / 100 } as CSSProperties}
      >
        <div className="bar-read" />
      </div>
    );
  }
  if (!prefill || prefill.processed === null || !prefill.total) {
    return <div key="unknown" className="bar" role="progressbar" aria-label={prefillTitle(prefill)} />;
  }
  const { total, cached } = prefill;
  const processed = stage === 'queued' ? 0 : prefill.processed;
  return (
    <div
      key="prompt"
      className="bar"
      data-stage={stage}
      role="progressbar"
      aria-label="Prompt read"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={processed}
      aria-valuetext={prefillValueText(prefill)}
      style={{ '--done': processed / total, '--cached': (cached ?? 0) / total } as CSSProperties}
    >
      <div className="bar-read" />
      <div className="bar-cached" />
    </div>
  );
}
