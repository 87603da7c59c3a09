import type { PrefillEvent } from '@headway/protocol';

/**
 * The event with which the prefill of `event` began. A viewer that connects late or reads slowly misses it, and clients
 * read the number of cached tokens from the first event.
 */
export function prefillStart(event: PrefillEvent): PrefillEvent {
  const { processed, cached, elapsedMs, tokensPerSecond } = event;
  const readMs = tokensPerSecond ? (((processed ?? 0) - (cached ?? 0)) * 1000) / tokensPerSecond : 0;
  return {
    ...event,
    processed: cached,
    elapsedMs: Math.max(0, elapsedMs - readMs),
    tokensPerSecond: null,
    etaMs: null,
  };
}
