import type { PrefillEvent, SpanProgress } from '@headway/protocol';

/** The name of the progress events, which come beside the API's own events. */
export const prefillProgressEvent = 'prefill_progress';

/**
 * Prefill progress in the protocol's fields and in the names that exo published first. Each API adds its own fields, so
 * that its clients can parse the event. `span`: the one of the request's `spans` that is being read.
 */
export function namedProgress(generationId: string, event: PrefillEvent, span: SpanProgress | null) {
  const { phase, queuePosition, processed, cached, total, elapsedMs, tokensPerSecond, etaMs, estimated, loaded } =
    event;
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
    ...(loaded !== undefined && { loaded }),
    ...(span && { span }),
    command_id: generationId,
    processed_tokens: processed,
    total_tokens: total,
  };
}
