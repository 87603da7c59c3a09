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
  /** What holds the value; none holds the body. Paths are put together on refusal only: a copy for each level is quadratic. */
  holder?: Visit;
  /** The name of the field or the index of the entry in its holder. */
  step?: string | number;
}

/**
 * Refuses a body with so many entries that a schema would take long to report the errors of all of them, and names that
 * have a special meaning in JavaScript. It stops counting at its limit.
 *
 * @throws HeadwayError `invalid-request`
 */
export function refuseOversized(body: unknown): void {
  const waiting: Visit[] = [{ value: body }];
  let values = 0;
  for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
    const { value } = visit;
    const name = typeof visit.step === 'string' ? visit.step : '';
    if (Array.isArray(value)) {
      if (objectLists.has(name) && value.length > maxEntries)
        throw refused(`${formatPath(pathOf(visit))} has ${value.length} entries; send ${maxEntries} at most`);
      if (isOfBody(visit) && tokenLists.has(name)) continue;
      values += value.length;
      refuseMore(values);
      for (const [step, entry] of value.entries())
        if (isContainer(entry)) waiting.push({ value: entry, holder: visit, step });
    } else if (isContainer(value)) {
      const entries = Object.entries(value);
      values += entries.length;
      refuseMore(values);
      for (const [step, entry] of entries) {
        if (step === '__proto__')
          throw fieldError({
            path: [...pathOf(visit), step],
            message: 'the name "__proto__" is not allowed; use another one',
          });
        if (isContainer(entry)) waiting.push({ value: entry, holder: visit, step });
      }
    }
  }
}

function pathOf(visit: Visit): FieldPath {
  const path: FieldPath = [];
  for (let at: Visit | undefined = visit; at?.step !== undefined; at = at.holder) path.push(at.step);
  return path.toReversed();
}

/** Whether the value is a field of the body itself. */
function isOfBody({ holder }: Visit): boolean {
  return holder !== undefined && holder.step === undefined;
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
