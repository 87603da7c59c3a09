/**
 * A field's path from the root of a request: field names and list indices. An empty path is the request itself. Inside a
 * JSON schema the names are the user's.
 */
export type FieldPath = (string | number)[];

/** The steps that `readPath` could read, and the rest of the text. */
export interface ReadPath {
  path: FieldPath;
  rest: string;
}

/**
 * A path as text: `messages[0].role`, `schema.properties["two words"]`. Names of letters, digits and _ follow a dot, others
 * are quoted. The empty path is `request`.
 */
export function formatPath(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'request';
  const [first, ...steps] = path;
  return typeof first === 'string' ? first + formatSteps(steps) : formatSteps(path);
}

/** Formats the steps after a path's first: `.role`, `[0]`, `["two words"]`. */
export function formatSteps(steps: readonly (string | number)[]): string {
  return steps.map(formatStep).join('');
}

/** Parses the output of `formatPath`. If the text was cut, `rest` holds its unparsed end. */
export function readPath(text: string): ReadPath {
  const first = /^[^.[]*/.exec(text)?.[0] ?? '';
  const path: FieldPath = first === '' ? [] : [first];
  const step = /\.(\w+)(?=[.[]|$)|\[(\d+)\]|\[("(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*")\]/uy;
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
