/** The form of a JSON value: by the path of each field, the types it has. An empty list or object is a type too. */
export type Shape = Record<string, string>;

/** The form of a value. Items of lists are taken together, so that their number does not matter. */
export function shapeOf(value: unknown): Shape {
  const types = new Map<string, Set<string>>();
  visit(value, '$', (path, type) => types.set(path, (types.get(path) ?? new Set()).add(type)));
  return Object.fromEntries(
    [...types]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([path, set]) => [path, [...set].toSorted().join('|')]),
  );
}

function visit(value: unknown, path: string, note: (path: string, type: string) => void): void {
  if (Array.isArray(value)) {
    if (value.length === 0) note(`${path}[]`, 'nothing');
    for (const item of value) visit(item, `${path}[]`, note);
  } else if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value);
    if (fields.length === 0) note(path, 'empty object');
    for (const [name, field] of fields) visit(field, `${path}.${name}`, note);
  } else note(path, value === null ? 'null' : typeof value);
}
