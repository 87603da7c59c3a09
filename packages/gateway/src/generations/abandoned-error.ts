import type { GenerationEvent } from '@headway/protocol';

/** Names the grace time and the remedy in the error `abandoned`. The engine, which writes that event, knows neither. */
export function withGraceTime(event: GenerationEvent, graceMs: number): GenerationEvent {
  if (event.type !== 'error' || event.code !== 'abandoned') return event;
  const message =
    `no client was connected for ${graceMs / 1000} s, so the gateway stopped the generation; ` +
    'use watch or X-Headway-Resume to keep one open';
  return { ...event, message };
}
