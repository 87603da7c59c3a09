import type { FinishReason, Timings } from '@headway/client';

import { finishWords } from '../words/finish-words.ts';
import { duration } from '../words/quantities.ts';

/** The line under an ended answer: how it ended, and when it began. The strip above has its tokens. */
export function DoneFacts({ timings, finishReason }: { timings: Timings; finishReason: FinishReason }) {
  const { timeToFirstTokenMs } = timings;
  return (
    <ul className="facts" aria-label="End and timing">
      <li>{finishWords[finishReason]}</li>
      {timeToFirstTokenMs !== null && <li>first token after {duration(timeToFirstTokenMs)}</li>}
    </ul>
  );
}
