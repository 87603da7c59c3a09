import { fieldError, generationId, type GenerationEvent } from '@headway/protocol';

/** Where a stream can be taken up again: after the event `seq` of a generation; -1 is before the first. */
export interface EventPosition {
  id: string;
  seq: number;
}

/** The name under which a stream can be taken up again after `event`: `<generation>:<seq>`. */
export function formatEventId(id: string, { seq }: Pick<GenerationEvent, 'seq'>): string {
  return `${id}:${seq}`;
}

/** @throws HeadwayError `invalid-request` when it is no event's id; `field` is where it came from */
export function parseEventId(text: string, field: string): EventPosition {
  const [, id, seq] = /^([^:]+):(0|[1-9]\d{0,14})$/.exec(text) ?? [];
  if (id !== undefined && seq !== undefined && generationId.safeParse(id).success) return { id, seq: Number(seq) };
  const given = JSON.stringify(text.slice(0, 200));
  const message = `${given} is not the id of an event; send the last one that came, like <generation>:<seq>`;
  throw fieldError({ path: [field], message });
}

/** The `seq` after which a viewer of the generation `id` goes on. @throws HeadwayError `invalid-request` */
export function seqAfter(lastEventId: string | undefined, id: string, field = 'lastEventId'): number | undefined {
  if (lastEventId === undefined) return undefined;
  const position = parseEventId(lastEventId, field);
  if (position.id !== id) {
    throw fieldError({ path: [field], message: `it is of the generation ${position.id}, not of ${id}` });
  }
  return position.seq;
}
