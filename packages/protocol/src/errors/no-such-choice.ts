import { fieldError } from './field-error.ts';
import type { HeadwayError } from './headway-error.ts';

/** The error for the index of a choice that a generation does not have. */
export function noSuchChoice(index: number, choices: number): HeadwayError {
  const known = choices === 1 ? 'one choice; give 0 or leave it out' : `${choices} choices; give 0 to ${choices - 1}`;
  return fieldError({ path: ['index'], message: `there is no choice ${index}: the generation has ${known}` });
}
