import type { GenerationEvent, TerminalEvent } from '../schema/events/event.ts';

export function isTerminal(event: GenerationEvent): event is TerminalEvent {
  return event.type === 'done' || event.type === 'error';
}

/** True for the last event of a stream. */
export function endsStream(event: GenerationEvent): event is TerminalEvent {
  return isTerminal(event) && event.remaining === 0;
}
