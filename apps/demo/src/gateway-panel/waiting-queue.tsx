import type { Activity } from '@headway/client';

import { placeWords, requestTitle, waitedWords } from './activity-words.ts';
import { RequestRow, type RequestActions } from './request-row.tsx';

interface WaitingQueueProps {
  activity: Activity;
  actions: RequestActions;
}

/** Most rows; one's own requests are always shown. */
const mostRows = 12;

/** The requests that wait, with places and waiting times; only one's own have names. */
export function WaitingQueue({ activity: { queue, models }, actions }: WaitingQueueProps) {
  const waiting = Math.max(
    queue.length,
    models.reduce((sum, { queued }) => sum + queued, 0),
  );
  if (waiting === 0) return <p className="panel-soft">Nothing waits.</p>;
  const rows = queue.filter(({ generation }, at) => at < mostRows || generation !== null);
  return (
    <ol className="panel-queue" aria-label="Requests that wait">
      {rows.map((one) => {
        const { generation: id, model, place, waitedMs } = one;
        const where = (
          <p className="queue-place">
            <span>{placeWords(one, models.length > 1)}</span>
            <span>{waitedWords(one)}</span>
          </p>
        );
        const title = id === null ? '' : requestTitle(id, actions.titleOf?.(id));
        return (
          <li key={id ?? `${model} ${place ?? waitedMs}`} data-own={id !== null}>
            {id === null ? (
              where
            ) : (
              <RequestRow id={id} title={title} actions={actions}>
                {where}
              </RequestRow>
            )}
          </li>
        );
      })}
      {waiting > rows.length && <li className="panel-soft">{waiting - rows.length} more</li>}
    </ol>
  );
}
