import type { GenerationState } from '@headway/client/react';
import { useState } from 'react';

import { PrefillPanel } from '../prefill/prefill-panel.tsx';
import { AnswerStrip } from '../timeline/answer-strip.tsx';
import { stripParts } from '../words/progress/strip-words.ts';

interface AnswerProgressProps {
  answer: GenerationState;
  lost: boolean;
  sentAt?: number | undefined;
}

/** The panel until the first token, then the strip into which it folds. */
export function AnswerProgress({ answer, lost, sentAt }: AnswerProgressProps) {
  const { state } = answer;
  const reading = state !== 'decode' && state !== 'done' && state !== 'error';
  // An answer that had ended before was never a panel, so it folds from none.
  const [wasPanel, setWasPanel] = useState(reading);
  if (reading && !wasPanel) setWasPanel(true);
  if (reading) return <PrefillPanel generation={answer} lost={lost} sentAt={sentAt} />;
  if (stripParts(answer).length === 0) return null;
  return (
    <div className="folded" data-folds={wasPanel || undefined} data-live={state === 'decode' || undefined}>
      <AnswerStrip answer={answer} />
    </div>
  );
}
