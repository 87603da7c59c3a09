import type { GenerationEvent } from '@headway/protocol';

/**
 * Which of the events that arrived since the last frame the next one shows, and which wait for the frame after.
 * All of them, but the end of the prefill gets a frame of its own: a bar that has been at 100 % was seen there.
 */
export function takeFrame(events: readonly GenerationEvent[]): [now: GenerationEvent[], later: GenerationEvent[]] {
  const cut = events.findLastIndex((event) => event.type === 'prefill') + 1;
  return cut > 0 ? [events.slice(0, cut), events.slice(cut)] : [[...events], []];
}
