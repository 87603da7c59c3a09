import { fieldError, type HeadwayError } from '@headway/protocol';

/** The error for a second running generation with the same id and owner. */
export function idConflict(id: string): HeadwayError {
  const message = `a generation with the id ${id} is running; choose another id or leave it out`;
  return fieldError({ path: ['id'], message }, { code: 'conflict' });
}
