import { fieldError, HeadwayError, type FieldPath } from '@headway/protocol';

/** The rule for all of these errors, which are the same for unknown, expired and other owners' responses. */
const howLong = 'Responses are kept for an hour after their end, the newest 256 of them, unless `store` is false';

/** Uses OpenAI's wording, which clients look for. */
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
export function itemNotFound(id: string, path: FieldPath): HeadwayError {
  return fieldNotFound(
    path,
    `Item with id '${cut(id)}' not found. Items are not persisted when \`store\` is set to false. ${howLong}; send the item itself instead, with \`store: false\`.`,
  );
}

/** The error for a response whose events are no longer kept: the response is kept longer. */
export function eventsNotFound(id: string): HeadwayError {
  return notFound(
    `The events of '${cut(id)}' are no longer kept: they expire 5 minutes after the response's end. Read it without stream.`,
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
