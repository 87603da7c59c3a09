import { isJudged } from './formats.ts';
import { isRecord } from '../json-value.ts';

/** They say nothing about a value. */
const annotations = new Set(
  (
    '$schema $id id $comment $anchor $dynamicAnchor $recursiveAnchor $vocabulary $defs definitions title description ' +
    'default example examples deprecated readOnly writeOnly contentEncoding contentMediaType contentSchema ' +
    'discriminator xml externalDocs'
  ).split(' '),
);

/** They say something about a value that no grammar of ours can keep. */
export const assertions: ReadonlySet<string> = new Set(
  (
    'not if then else uniqueItems contains minContains maxContains minProperties maxProperties dependentRequired ' +
    'dependentSchemas dependencies unevaluatedItems unevaluatedProperties $dynamicRef $recursiveRef'
  ).split(' '),
);

/** Keywords that say nothing without another. */
const needs: ReadonlyMap<string, string> = new Map([
  ['then', 'if'],
  ['else', 'if'],
  ['minContains', 'contains'],
  ['maxContains', 'contains'],
]);

/** Whether a keyword says nothing about a value: by its name (`x-…` included), or by what it says here. */
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
      // With a list it is read with it, and else it says nothing.
      return true;
    case 'format':
      // Libraries write names of their own beside the pattern that they mean (zod: `ends_with`).
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
