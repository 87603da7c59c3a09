import type { ErrorEvent } from '@headway/client';

import { AlertIcon, EditIcon, RetryIcon } from '../shell/icons.tsx';
import { errorDetail } from '../words/error-detail.ts';
import { errorTitle } from '../words/error-title.ts';
import { errorTone } from '../words/error-tone.ts';

/**
 * Errors after which the page offers another generation for the same message, although the event is not retryable. After
 * `internal` it may fail again, without harm to the message.
 */
const offersRetry = new Set<ErrorEvent['code']>(['abandoned', 'generation-not-found', 'internal', 'unauthorized']);

interface ProblemProps {
  error: Pick<ErrorEvent, 'code' | 'message' | 'retryable' | 'issues'>;
  onRetry: (() => void) | undefined;
  onEdit: (() => void) | undefined;
}

/** Why an answer failed, with buttons for what the user can do. */
export function Problem({ error, onRetry, onEdit }: ProblemProps) {
  return (
    <div className="problem" data-tone={errorTone[error.code] ?? errorTone.internal} role="group" aria-label="Problem">
      <AlertIcon />
      <h3>{errorTitle[error.code] ?? errorTitle.internal}</h3>
      <p>{errorDetail(error)}</p>
      <div className="problem-actions">
        {(error.retryable || offersRetry.has(error.code)) && onRetry && (
          <button type="button" className="text-button" onClick={onRetry}>
            <RetryIcon /> Try again
          </button>
        )}
        {onEdit && (
          <button type="button" className="text-button" onClick={onEdit}>
            <EditIcon /> Edit the message
          </button>
        )}
      </div>
    </div>
  );
}
