import { fieldError, formatPath, HeadwayError, type FieldPath } from '@headway/protocol';

/** The most entries of a list of objects, each of which a schema checks. */
const maxEntries = 4096;
/** The most values of a body. */
export const maxValues = 100_000;

/** Top-level lists of token ids: they may be as long as a context, and are cheap to check. */
const tokenLists: ReadonlySet<string> = new Set(['prompt', 'tokens']);
/** Lists of objects: each invalid entry costs an error message. */
const objectLists: ReadonlySet<string> = new Set(['messages', 'input', 'content', 'system', 'tools', 'tool_calls']);

interface Visit {
  value: unknown;
  path: FieldPath;
  /** The name of the field; empty for a list's entry. */
  name: string;
}

/**
 * Refuses a body with so many entries that a schema would take long to report the errors of all of them, and names that
 * have a special meaning in JavaScript. It stops counting at its limit.
 *
 * @throws HeadwayError `invalid-request`
 */
export function refuseOversized(body: unknown): void {
  const waiting: Visit[] = [{ value: body, path: [], name: '' }];
  let values = 0;
  for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
    const { value, path, name } = visit;
    if (Array.isArray(value)) {
      if (objectLists.has(name) && value.length > maxEntries)
        throw refused(`${formatPath(path)} has ${value.length} entries; send ${maxEntries} at most`);
      if (path.length === 1 && tokenLists.has(name)) continue;
      values += value.length;
      refuseMore(values);
      for (const [at, entry] of value.entries())
        if (isContainer(entry)) waiting.push({ value: entry, path: [...path, at], name: '' });
    } else if (isContainer(value)) {
      const entries = Object.entries(value);
      values += entries.length;
      refuseMore(values);
      for (const [key, entry] of entries) {
        if (key === '__proto__')
          throw fieldError({ path: [...path, key], message: 'the name "__proto__" is not allowed; use another one' });
        if (isContainer(entry)) waiting.push({ value: entry, path: [...path, key], name: key });
      }
    }
  }
}

function refuseMore(values: number): void {
  if (values > maxValues) throw tooManyValues();
}

export function tooManyValues(): HeadwayError {
  return refused(`the body has more than ${maxValues} values; send fewer`);
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function refused(why: string): HeadwayError {
  return new HeadwayError('invalid-request', why);
}
