/**
 * A field's place in a request, from its root: names of fields and indices of lists. Empty: the request itself. Below a
 * schema the names are the user's own.
 */
export type FieldPath = (string | number)[];

/** What a path begins with and what `readPath` could not read of its end. */
export interface ReadPath {
  path: FieldPath;
  rest: string;
}

/** A path as JavaScript writes it: `messages[0].role`, `schema.properties["two words"]`; `request` for the whole of it. */
export function formatPath(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'request';
  const [first, ...steps] = path;
  return typeof first === 'string' ? first + formatSteps(steps) : formatSteps(path);
}

/** The steps behind a path's first one: `.role`, `[0]`, `["two words"]`. */
export function formatSteps(steps: readonly (string | number)[]): string {
  return steps.map(formatStep).join('');
}

/** Reads what `formatPath` wrote. A path that was cut ends in `rest`, as it stands. */
export function readPath(text: string): ReadPath {
  const first = /^[^.[]*/.exec(text)?.[0] ?? '';
  const path: FieldPath = first === '' ? [] : [first];
  const step = /\.(\w+)(?=[.[]|$)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  step.lastIndex = first.length;
  for (let end = first.length; ; end = step.lastIndex) {
    const found = step.exec(text);
    if (!found) return { path, rest: text.slice(end) };
    const [, name, index, quoted] = found;
    if (name !== undefined) path.push(name);
    else path.push(index === undefined ? (JSON.parse(quoted ?? '""') as string) : Number(index));
  }
}

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^\w+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
