import type { PrefillEvent } from '@headway/protocol';

/** The name of the events that tell of the prefill, beside those of the API. */
export const prefillProgressEvent = 'prefill_progress';

/**
 * The prefill in the protocol's own fields, and in the names that exo first published. The API's own fields go around it,
 * so that its clients take the event for one of theirs.
 */
export function namedProgress(generationId: string, event: PrefillEvent) {
  const { phase, queuePosition, processed, cached, total, elapsedMs, tokensPerSecond, etaMs, estimated } = event;
  return {
    phase,
    queuePosition,
    processed,
    cached,
    total,
    elapsedMs,
    tokensPerSecond,
    etaMs,
    estimated,
    command_id: generationId,
    processed_tokens: processed,
    total_tokens: total,
  };
}
