import type { GenerationState } from '@headway/client/react';

import { DocumentIcon } from '../shell/icons.tsx';
import { promptStage } from '../words/prefill-words.ts';
import { currentSpan } from '../words/progress/span-words.ts';
import { stallAdvice, stallWords } from '../words/progress/stall-words.ts';
import { useSeconds } from './use-seconds.ts';

/** Seconds without a first reply after which the page says so. */
const patience = 4;

type NoticeProps = Pick<GenerationState, 'prefill' | 'stalledMs' | 'spans'> & { lost: boolean };

/** The panel's last line: the document that is being read, or what the user can do when nothing comes. */
export function PrefillNotice({ prefill, stalledMs, spans, lost }: NoticeProps) {
  if (lost) return <p data-warn>If the gateway still runs, it goes on with your prompt.</p>;
  if (!prefill) return <NoReply />;
  if (stallWords(stalledMs) !== null) return <p data-warn>{stallAdvice}</p>;
  const span = promptStage(prefill) === 'prefill' ? currentSpan(spans) : null;
  if (!span) return <p> </p>;
  return (
    <p className="prefill-document">
      <DocumentIcon />
      <span>{span.name}</span>
      {span.of > 1 && `, ${span.number} of ${span.of}`}
    </p>
  );
}

function NoReply() {
  if (useSeconds() < patience) return <p> </p>;
  return <p data-warn>The gateway has not answered yet. You can wait, or stop.</p>;
}
