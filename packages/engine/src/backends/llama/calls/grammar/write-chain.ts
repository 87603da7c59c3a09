import { isRecord, literal } from '@headway/json-grammar';

/**
 * Rules for the properties of a schema in their order, those that are required and any of the others; the first is
 * called `name-first-0`. `write` adds the rules of one, whose first has the name it is given.
 */
export function writeChain(
  name: string,
  separator: string,
  schema: unknown,
  write: (item: string, key: string, property: unknown) => string,
): string {
  const { properties, required: needed } = isRecord(schema) ? schema : {};
  const entries = isRecord(properties) ? Object.entries(properties) : [];
  const required = new Set<unknown>(Array.isArray(needed) ? needed : []);
  const between = separator === '' ? '' : `${literal(separator)} `;
  // One chain before anything is written, and one after, so that separators stand between properties only.
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
