/** Other names for fields; what has none keeps its own. */
export interface Renaming {
  field: (name: string) => string;
  /** A sentence that speaks of fields. Quoted words and what stands in a path are somebody's own. */
  prose: (text: string) => string;
}

export function renaming(names: Readonly<Record<string, string>>): Renaming {
  const field = (name: string) => (Object.hasOwn(names, name) ? (names[name] ?? name) : name);
  return { field, prose: (text) => text.replace(/(?<!["\w.])[a-z]+[A-Z]\w*(?!["\w])/g, field) };
}
