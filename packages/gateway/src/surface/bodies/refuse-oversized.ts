import { fieldError, HeadwayError, readPath } from '@headway/protocol';

/** Entries of one list that a schema looks at one by one. */
const maxEntries = 4096;
/** Values of a body in all. */
export const maxValues = 100_000;

/** Lists of the whole body in which a number is a token: they are as long as a context, and cheap to look at. */
const tokenLists: ReadonlySet<string> = new Set(['prompt', 'tokens']);
/** Lists whose entries are objects, each of which costs a message where it is wrong. */
const objectLists: ReadonlySet<string> = new Set(['messages', 'input', 'content', 'system', 'tools', 'tool_calls']);

interface Visit {
  value: unknown;
  path: string;
  name: string;
}

/**
 * Refuses a body that has so many entries that a schema would take long to say what is wrong with each, or names by which
 * JavaScript means something else. It counts no further than what it takes.
 *
 * @throws HeadwayError `invalid-request`
 */
export function refuseOversized(body: unknown): void {
  const waiting: Visit[] = [{ value: body, path: '', name: '' }];
  let values = 0;
  for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
    const { value, path, name } = visit;
    if (Array.isArray(value)) {
      if (objectLists.has(name) && value.length > maxEntries)
        throw refused(`${path} has ${value.length} entries, and ${maxEntries} are taken at most`);
      if (path === name && tokenLists.has(name)) continue;
      values += value.length;
      refuseMore(values);
      for (const [at, entry] of value.entries())
        if (isContainer(entry)) waiting.push({ value: entry, path: `${path}[${at}]`, name: '' });
    } else if (isContainer(value)) {
      const entries = Object.entries(value);
      values += entries.length;
      refuseMore(values);
      for (const [key, entry] of entries) {
        const inside = path === '' ? key : `${path}.${key}`;
        if (key === '__proto__')
          throw fieldError({
            path: readPath(inside).path,
            message: 'the name "__proto__" is not taken; use another one',
          });
        if (isContainer(entry)) waiting.push({ value: entry, path: inside, name: key });
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
