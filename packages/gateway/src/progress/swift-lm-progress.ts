import type { PrefillEvent } from '@headway/protocol';

/**
 * The data of SwiftLM's lean event; null while the model loads, for which it has no word. It lacks what SDKs look for in
 * every event, so only who reads the stream by hand may ask for it. `queue_position` is Headway's own.
 */
export function swiftLmProgress({ phase, queuePosition, processed, cached, total, elapsedMs }: PrefillEvent) {
  if (phase === 'loading' || processed === null || cached === null || total === null) return null;
  const read = phase === 'queued' ? cached : processed;
  return {
    status: phase === 'prefill' ? 'processing' : phase,
    n_past: read,
    n_prompt_tokens: total,
    fraction: total > 0 ? read / total : 0,
    elapsed_seconds: elapsedMs / 1000,
    ...(queuePosition !== null && { queue_position: queuePosition }),
  };
}
