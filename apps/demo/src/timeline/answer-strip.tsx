import type { GenerationState } from '@headway/client/react';
import { lazy, Suspense, useEffect, useId, useState } from 'react';

import { ChevronIcon } from '../shell/icons.tsx';
import { stripParts } from '../words/progress/strip-words.ts';
import { loadTimeline } from './load-timeline.ts';

const Timeline = lazy(loadTimeline);

/**
 * What became of the panel once the prompt is read: a thin bar of the tokens that were cached, read and written. It opens
 * to the timeline.
 */
export function AnswerStrip({ answer }: { answer: GenerationState }) {
  const [open, setOpen] = useState(false);
  const timeline = useId();
  // Opens at once then, also while the gateway is away.
  useEffect(() => void loadTimeline(), []);
  const parts = stripParts(answer);
  return (
    <div className="strip" role="group" aria-label="Progress of the answer">
      <button
        type="button"
        className="strip-button"
        aria-expanded={open}
        aria-controls={timeline}
        title={open ? 'Close the timeline' : 'Open the timeline'}
        onClick={() => setOpen(!open)}
      >
        <span className="strip-facts">
          {parts.map(({ tone, text, detail }) => (
            <span key={tone} data-tone={tone}>
              {text} {detail !== '' && <span className="strip-detail">{detail}</span>}
            </span>
          ))}
        </span>
        <ChevronIcon />
        <span className="strip-bar" aria-hidden="true">
          {parts.map(({ tone, tokens }) => (
            <span key={tone} data-tone={tone} style={{ flexGrow: tokens }} />
          ))}
        </span>
      </button>
      <div id={timeline}>
        {open && (
          <Suspense>
            <Timeline answer={answer} />
          </Suspense>
        )}
      </div>
    </div>
  );
}
