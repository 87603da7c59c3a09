/** An object with the field, or `{}` if the value is null or undefined; for spreading into another object. */
export function optionalField<Key extends string, Value>(
  key: Key,
  value: Value | null | undefined,
): { [K in Key]?: Value } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
