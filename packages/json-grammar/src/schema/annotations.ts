import { isJudged } from './formats.ts';
import { isRecord } from '../json-value.ts';

/** Keywords that do not constrain a value. */
const annotations = new Set(
  (
    '$schema $id id $comment $anchor $dynamicAnchor $recursiveAnchor $vocabulary $defs definitions title description ' +
    'default example examples deprecated readOnly writeOnly contentEncoding contentMediaType contentSchema ' +
    'discriminator xml externalDocs'
  ).split(' '),
);

/** Keywords that constrain a value but that these grammars cannot keep. */
export const assertions: ReadonlySet<string> = new Set(
  (
    'not if then else uniqueItems contains minContains maxContains minProperties maxProperties dependentRequired ' +
    'dependentSchemas dependencies unevaluatedItems unevaluatedProperties $dynamicRef $recursiveRef'
  ).split(' '),
);

/** Keywords that have an effect only beside another keyword. */
const needs: ReadonlyMap<string, string> = new Map([
  ['then', 'if'],
  ['else', 'if'],
  ['minContains', 'contains'],
  ['maxContains', 'contains'],
]);

/** Whether a keyword does not constrain a value: by its name (`x-…` included), or by its value here. */
export function isAnnotation(keyword: string, schema: Readonly<Record<string, unknown>>): boolean {
  if (annotations.has(keyword) || keyword.startsWith('x-')) return true;
  const value = schema[keyword];
  const needed = needs.get(keyword);
  if (needed !== undefined && schema[needed] === undefined) return true;
  switch (keyword) {
    case 'uniqueItems':
      return value === false;
    case 'minProperties':
      return value === 0;
    case 'unevaluatedItems':
    case 'unevaluatedProperties':
      return value === true;
    case 'additionalItems':
      // It belongs to a list in `items`, and has no effect without one.
      return true;
    case 'format':
      // Libraries write format names of their own next to the pattern that they mean (zod: `ends_with`).
      return typeof value === 'string' && !isJudged(value) && hasPattern(schema);
    case 'if':
      return schema['then'] === undefined && schema['else'] === undefined;
    default:
      return false;
  }
}

function hasPattern({ pattern, allOf }: Readonly<Record<string, unknown>>): boolean {
  if (typeof pattern === 'string') return true;
  return Array.isArray(allOf) && allOf.some((part) => isRecord(part) && typeof part['pattern'] === 'string');
}
