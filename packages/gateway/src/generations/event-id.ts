import { fieldError, generationId, type GenerationEvent } from '@headway/protocol';

/** A position in a generation's stream: after the event `seq`, or before the first event where `seq` is -1. */
export interface EventPosition {
  id: string;
  seq: number;
}

/** The id from which a client resumes after `event`: `<generation>:<seq>`. */
export function formatEventId(id: string, { seq }: Pick<GenerationEvent, 'seq'>): string {
  return `${eventIdStart(id)}${seq}`;
}

/** The ids of a generation's events up to `seq`. */
export function eventIdStart(id: string): string {
  return `${id}:`;
}

/** Reads the field `lastEventId`. @throws HeadwayError `invalid-request` for an invalid id */
export function parseEventId(text: string): EventPosition {
  const [, id, seq] = /^([^:]+):(0|[1-9]\d{0,14})$/.exec(text) ?? [];
  if (id !== undefined && seq !== undefined && generationId.safeParse(id).success) return { id, seq: Number(seq) };
  const quoted = JSON.stringify(text.slice(0, 200));
  const message = `${quoted} is not the id of an event; send the last id that you received, like <generation>:<seq>`;
  throw fieldError({ path: ['lastEventId'], message });
}

/** The `seq` after which a client resumes the generation `id`. @throws HeadwayError `invalid-request` */
export function seqAfter(lastEventId: string | undefined, id: string): number | undefined {
  if (lastEventId === undefined) return undefined;
  const position = parseEventId(lastEventId);
  if (position.id !== id) {
    throw fieldError({ path: ['lastEventId'], message: `belongs to the generation ${position.id}, not to ${id}` });
  }
  return position.seq;
}
