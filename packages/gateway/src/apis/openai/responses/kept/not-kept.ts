import { fieldError, HeadwayError, readPath, type FieldPath } from '@headway/protocol';

/** What is said of everything that is not there, or no longer, or somebody else's. */
const howLong = 'Responses are kept for an hour after their end, the newest 256 of them, unless `store` is false';

/** In OpenAI's words, which clients look for. */
export function responseNotFound(id: string): HeadwayError {
  return notFound(`Response with id '${cut(id)}' not found. ${howLong}.`);
}

/** @see responseNotFound */
export function previousNotFound(id: string): HeadwayError {
  return fieldNotFound(
    ['previous_response_id'],
    `Previous response with id '${cut(id)}' not found. ${howLong}; send the whole conversation as \`input\` instead, with \`store: false\`.`,
  );
}

/** @see responseNotFound */
export function itemNotFound(id: string, place: string): HeadwayError {
  return fieldNotFound(
    readPath(place).path,
    `Item with id '${cut(id)}' not found. Items are not persisted when \`store\` is set to false. ${howLong}; send the item itself instead, with \`store: false\`.`,
  );
}

/** Of one that is kept longer than its events are. */
export function eventsNotFound(id: string): HeadwayError {
  return notFound(
    `The events of '${cut(id)}' are not kept any more, which end 5 minutes after it; read it without stream.`,
  );
}

function notFound(message: string): HeadwayError {
  return new HeadwayError('generation-not-found', message);
}

function fieldNotFound(path: FieldPath, message: string): HeadwayError {
  return fieldError({ path, message }, { code: 'generation-not-found' });
}

function cut(id: string): string {
  return id.length > 100 ? `${id.slice(0, 100)}…` : id;
}
