import { isRecord, literal } from '@headway/json-grammar';

/**
 * Rules for a schema's properties in their order, the optional ones optional; the first rule is called `name-first-0`.
 * `write` returns the rules of one property, the first of them called `item`.
 */
export function writeProperties(
  name: string,
  separator: string,
  schema: unknown,
  write: (item: string, key: string, property: unknown) => string,
): string {
  const { properties, required: needed } = isRecord(schema) ? schema : {};
  const entries = isRecord(properties) ? Object.entries(properties) : [];
  const required = new Set<unknown>(Array.isArray(needed) ? needed : []);
  const between = separator === '' ? '' : `${literal(separator)} `;
  // One chain of rules before the first property and one after it, so that separators stand between properties only.
  const lines = entries.map(([key, property], at) => {
    const item = `${name}-item-${at}`;
    const next = at + 1;
    const skip = (chain: string): string => (required.has(key) ? '' : ` | ${name}-${chain}-${next}`);
    return [
      `${name}-first-${at} ::= ${item} ${name}-more-${next}${skip('first')}\n`,
      `${name}-more-${at} ::= ${between}${item} ${name}-more-${next}${skip('more')}\n`,
      write(item, key, property),
    ].join('');
  });
  lines.push(`${name}-first-${entries.length} ::= ""\n`, `${name}-more-${entries.length} ::= ""\n`);
  return lines.join('');
}
