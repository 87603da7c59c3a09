import type { GenerationEvent } from '../schema/events/event.ts';

/** A generation without events for this long, in ms, counts as stalled: its predicted time no longer holds. */
export const stallMs = 2000;

/**
 * Whether another event is due soon after this one: in prefill and decode. Queueing and loading have no expected
 * duration.
 */
export function isMoreDue(event: GenerationEvent): boolean {
  switch (event.type) {
    case 'prefill':
      return event.phase === 'prefill';
    case 'span':
    case 'token':
      return true;
    case 'done':
    case 'error':
      return event.remaining > 0;
    default:
      return event satisfies never;
  }
}

/**
 * How long a generation has stalled `silentMs` after its last event, in ms, rounded down to whole seconds for display;
 * null before it counts as stalled. The request's `progressIntervalMs` extends the limit.
 */
export function stalledFor(silentMs: number, progressIntervalMs = 0): number | null {
  return silentMs >= stallMs + progressIntervalMs ? Math.floor(silentMs / 1000) * 1000 : null;
}

/** Time in ms until `stalledFor` returns another value. */
export function msToNextStall(silentMs: number, progressIntervalMs = 0): number {
  const begins = stallMs + progressIntervalMs;
  return Math.ceil(silentMs < begins ? begins - silentMs : 1000 - (silentMs % 1000));
}
