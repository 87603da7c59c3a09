export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON text that is the same for equal values in the sense of JSON Schema, which ignores the order of names. */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.entries(value as Record<string, JsonValue>).map(
    ([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`,
  );
  return `{${entries.sort().join(',')}}`;
}
