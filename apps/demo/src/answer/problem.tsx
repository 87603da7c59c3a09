import type { ErrorEvent } from '@headway/client';

import { AlertIcon, EditIcon, RetryIcon } from '../shell/icons.tsx';
import { errorDetail } from '../words/error-detail.ts';
import { errorTitle } from '../words/error-title.ts';

/**
 * The generation is gone for good; another one for the same message is not. After `internal` nobody knows, and the message
 * is unharmed.
 */
const sentAnew = new Set<ErrorEvent['code']>(['abandoned', 'generation-not-found', 'internal', 'unauthorized']);

interface ProblemProps {
  error: Pick<ErrorEvent, 'code' | 'message' | 'retryable'>;
  onRetry: (() => void) | undefined;
  onEdit: (() => void) | undefined;
}

/** Why there is no answer, or no more of it, and what can be done. */
export function Problem({ error, onRetry, onEdit }: ProblemProps) {
  return (
    <section className="problem" aria-label="Problem">
      <AlertIcon />
      <h3>{errorTitle[error.code] ?? errorTitle.internal}</h3>
      <p>{errorDetail(error)}</p>
      <div className="problem-actions">
        {(error.retryable || sentAnew.has(error.code)) && onRetry && (
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
    </section>
  );
}
