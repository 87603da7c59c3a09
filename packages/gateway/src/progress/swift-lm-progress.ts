import type { PrefillEvent, SpanProgress } from '@headway/protocol';

/**
 * The data of SwiftLM's short event; null while the model loads, which SwiftLM cannot express. It lacks fields that
 * SDKs read from every event, so only clients that parse the stream themselves can use it. `queue_position` and
 * `span` are Headway's extensions.
 */
export function swiftLmProgress(
  { phase, queuePosition, processed, cached, total, elapsedMs }: PrefillEvent,
  span: SpanProgress | null,
) {
  if (phase === 'loading' || processed === null || cached === null || total === null) return null;
  const read = phase === 'queued' ? cached : processed;
  return {
    status: phase === 'prefill' ? 'processing' : phase,
    n_past: read,
    n_prompt_tokens: total,
    fraction: total > 0 ? read / total : 0,
    elapsed_seconds: elapsedMs / 1000,
    ...(queuePosition !== null && { queue_position: queuePosition }),
    ...(span && { span: spanOf(span) }),
  };
}

function spanOf({ name, number, of, processed, total }: SpanProgress) {
  return { name, number, of, n_past: processed, n_prompt_tokens: total };
}
