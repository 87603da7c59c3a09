import { fieldError, formatSteps, readPath, type HeadwayError } from '@headway/protocol';

/** One step down a JSON document: a name or a place in a list. */
export type Step = string | number;

/** A place in a schema the way one would write it in JavaScript; names that are no plain words are quoted. */
export function schemaPath(field: string, steps: readonly Step[]): string {
  return field + formatSteps(steps);
}

/** `fault` says what is wrong and the remedy. */
export function refuse(path: string, fault: string): HeadwayError {
  return fieldError({ path: readPath(path).path, message: fault });
}
