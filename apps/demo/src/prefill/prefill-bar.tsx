import type { PrefillEvent } from '@headway/client';
import type { CSSProperties } from 'react';

import { percentLoaded, prefillTitle, prefillValueText } from '../words/prefill-words.ts';

/**
 * The bar: the cached tokens and those read since, in two tones; before, the share of the model that is loaded. Each event
 * moves it one step.
 */
export function PrefillBar({ prefill }: { prefill: PrefillEvent | null }) {
  const loaded = percentLoaded(prefill);
  if (prefill && loaded !== null) {
    return (
      <div
        className="bar"
        role="progressbar"
        aria-label="Model loaded"
        aria-valuenow={loaded}
        aria-valuetext={prefillValueText(prefill)}
        style={{ '--done': loaded / 100, '--cached': 0 } as CSSProperties}
      >
        <div className="bar-read" />
      </div>
    );
  }
  if (!prefill || prefill.processed === null || !prefill.total) {
    return <div className="bar" role="progressbar" aria-label={prefillTitle(prefill)} data-unknown />;
  }
  const { processed, total, cached } = prefill;
  return (
    <div
      className="bar"
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
