import { schemaBounds } from '../bounds.ts';
import { refuse } from '../refuse.ts';

/**
 * JSON levels that a schema within the depth bound cannot have: each schema takes at most two, its constants the rest.
 */
const maxLevels = 3 * schemaBounds.depth;

export const tooDeep = `is nested deeper than ${schemaBounds.depth} levels; use fewer, or $ref`;

/** Throws for a schema with too many bytes or levels. Iterates by level, as recursion would overflow on a deep one. */
export function checkSize(schema: unknown, field: string): void {
  const tooLarge = refuse(field, `is larger than ${schemaBounds.bytes / 1024} kB as JSON; send a smaller one`);
  let level = [schema];
  let values = 1;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxLevels) throw refuse(field, tooDeep);
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    values += level.length;
    if (values > schemaBounds.bytes) throw tooLarge;
  }
  if (Buffer.byteLength(JSON.stringify(schema) ?? '') > schemaBounds.bytes) throw tooLarge;
}
