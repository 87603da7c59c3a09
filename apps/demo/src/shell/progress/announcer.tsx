import type { GenerationState } from '@headway/client/react';

import { errorDetail } from '../../words/error-detail.ts';
import { errorTitle } from '../../words/error-title.ts';
import { percent, prefillTitle, promptStage } from '../../words/prefill-words.ts';
import { stallWords } from '../../words/progress/stall-words.ts';
import { count, tokens } from '../../words/quantities.ts';

/** The most characters of an answer that a screen reader reads out by itself. */
const readOut = 600;
/** A prefill longer than this is announced at each quarter. */
const longRead = 3000;

/** Announces each phase once to a screen reader, and never each token. */
export function Announcer({ generation, reconnecting }: { generation: GenerationState; reconnecting: boolean }) {
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {reconnecting ? 'Connection lost, reconnecting' : announcement(generation)}
    </div>
  );
}

export function announcement({ state, prefill, stalledMs, text, finishReason, error }: GenerationState): string {
  if (stallWords(stalledMs) !== null) return 'No progress for some seconds';
  switch (state) {
    case 'idle':
      return '';
    case 'connecting':
    case 'loading':
    case 'queued':
      return prefillTitle(prefill);
    case 'prefill': {
      if (!prefill) return '';
      if (promptStage(prefill) === 'waiting') return prefillTitle(prefill);
      const quarter = prefill.elapsedMs > longRead ? Math.floor(percent(prefill) / 25) * 25 : 0;
      return quarter > 0 ? `${quarter} percent read` : `Reading the prompt, ${tokens(prefill.total ?? 0)}`;
    }
    case 'decode':
      return 'Writing the answer';
    case 'done':
      if (finishReason === 'cancelled') return 'Stopped';
      return text.length <= readOut ? `Answer: ${text}` : `The answer is there, ${count(text.length)} characters`;
    case 'error':
      return error ? `${errorTitle[error.code] ?? errorTitle.internal}: ${errorDetail(error)}` : 'Failed';
    default:
      return state satisfies never;
  }
}
