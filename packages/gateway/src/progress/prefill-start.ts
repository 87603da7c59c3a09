import type { PrefillEvent } from '@headway/protocol';

/**
 * Where a prefill that goes on in `event` began. A viewer who was late, or slow, hears of it further on, and a progress
 * that does not begin at the cached tokens tells clients nothing of these.
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
