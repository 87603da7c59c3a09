import { HeadwayError } from '@headway/protocol';

/** The error for a second running generation with the same id and owner. */
export function idConflict(id: string): HeadwayError {
  return new HeadwayError(
    'conflict',
    `id: a generation with the id ${id} is running; choose another id or leave it out`,
  );
}
