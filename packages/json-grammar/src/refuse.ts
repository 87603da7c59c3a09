import { fieldError, formatSteps, readPath, type HeadwayError } from '@headway/protocol';

/** One step into a JSON document: a name or an index. */
export type Step = string | number;

/** A path into a schema as `formatPath` writes it. */
export function schemaPath(field: string, steps: readonly Step[]): string {
  return field + formatSteps(steps);
}

/** `fault` gives the reason and the remedy. */
export function refuse(path: string, fault: string): HeadwayError {
  return fieldError({ path: readPath(path).path, message: fault });
}
