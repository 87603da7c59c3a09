import { fieldError, type HeadwayError } from '@headway/protocol';

/** Two generations cannot go by one name. */
export function idConflict(id: string): HeadwayError {
  const message = `a generation of the name ${id} is running; choose another id or leave it out`;
  return fieldError({ path: ['id'], message }, { code: 'conflict' });
}
