import type { GenerationEvent } from '../schema/events/event.ts';

/** A generation that says nothing for so long, in ms, stands still for whoever looks on: what it predicted is withdrawn. */
export const stallMs = 2000;

/** Whether more is due after this event: while the prompt is read and the answer written. Queues and loading take as long as they take. */
export function isMoreDue(event: GenerationEvent): boolean {
  switch (event.type) {
    case 'prefill':
      return event.phase === 'prefill';
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
 * How long a generation has stalled, in ms, `silentMs` after its last event: whole seconds, since it is to be read, and
 * null before it counts as a stall. Who asked for an event in so many ms at most (`progressIntervalMs`) waits as much longer.
 */
export function stalledFor(silentMs: number, progressIntervalMs = 0): number | null {
  return silentMs >= stallMs + progressIntervalMs ? Math.floor(silentMs / 1000) * 1000 : null;
}

/** When `stalledFor` says something else, in ms from now. */
export function msToNextStall(silentMs: number, progressIntervalMs = 0): number {
  const begins = stallMs + progressIntervalMs;
  return Math.ceil(silentMs < begins ? begins - silentMs : 1000 - (silentMs % 1000));
}
