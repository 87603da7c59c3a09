import type { PrefillEvent } from '@headway/client';

import { stallWords } from '../words/progress/stall-words.ts';
import { rate, timeToGo } from '../words/quantities.ts';
import { promptStage } from '../words/prefill-words.ts';

/** The time to go and the speed. During a stall there is no time to go, and the speed is that of before. */
export function TimeToGo({ prefill, stalledMs }: { prefill: PrefillEvent; stalledMs: number | null }) {
  const { etaMs, tokensPerSecond, processed, total } = prefill;
  const speed = tokensPerSecond === null ? ' ' : `${rate(tokensPerSecond)} tokens/s`;
  if (stalledMs !== null) {
    return (
      <>
        <strong>{stallWords(stalledMs) ?? 'No news yet'}</strong>
        <p>{tokensPerSecond === null ? ' ' : `${speed} before`}</p>
      </>
    );
  }
  const waits = promptStage(prefill) === 'waiting';
  return (
    <>
      <strong>{processed === total ? 'All read' : etaMs === null ? 'Measuring' : `${timeToGo(etaMs)} to go`}</strong>
      <p>{waits ? 'with the wait' : speed}</p>
    </>
  );
}
