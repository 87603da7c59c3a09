import { HeadwayError } from '@headway/protocol';

/** Two generations cannot go by one name. */
export function idConflict(id: string): HeadwayError {
  return new HeadwayError(
    'conflict',
    `id: a generation of the name ${id} is running; choose another id or leave it out`,
  );
}
