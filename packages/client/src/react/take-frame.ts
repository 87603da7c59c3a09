import type { GenerationEvent, SummaryEvent } from '@headway/protocol';

type Event = GenerationEvent | SummaryEvent;

/**
 * Splits the events that arrived since the last frame into those for the next frame and those for the one after it. The
 * end of the prefill gets a frame to itself, so that the user sees the bar at 100 %.
 */
export function takeFrame(events: readonly Event[]): [now: Event[], later: Event[]] {
  const cut = events.findLastIndex((event) => event.type === 'prefill') + 1;
  return cut > 0 ? [events.slice(0, cut), events.slice(cut)] : [[...events], []];
}
