import { isJudged } from '../schema/formats.ts';
import { isRecord } from '../json-value.ts';
import { jsonTypes } from '../schema/schema.ts';

type Raw = Readonly<Record<string, unknown>>;

const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;
const isNames = (value: unknown) => Array.isArray(value) && value.every((name) => typeof name === 'string');
const types: readonly unknown[] = [...jsonTypes, 'integer'];

/** Keywords without schemas in their value, and a test of that value. */
const plain: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) =>
    Array.isArray(value) ? value.length > 0 && value.every((one) => types.includes(one)) : types.includes(value),
  enum: (value) => Array.isArray(value) && value.length > 0,
  const: () => true,
  required: isNames,
  minItems: isCount,
  maxItems: isCount,
  minLength: isCount,
  maxLength: isCount,
  minProperties: isCount,
  maxProperties: isCount,
  minContains: isCount,
  maxContains: isCount,
  minimum: Number.isFinite,
  maximum: Number.isFinite,
  exclusiveMinimum: Number.isFinite,
  exclusiveMaximum: Number.isFinite,
  multipleOf: (value) => Number.isFinite(value) && Number(value) > 0,
  uniqueItems: (value) => typeof value === 'boolean',
  pattern: isExpression,
  format: (value) => typeof value === 'string' && isJudged(value),
  dependentRequired: (value) => isRecord(value) && Object.values(value).every(isNames),
  $ref: (value) => typeof value === 'string' && value.startsWith('#'),
};

const one = new Set(
  'additionalProperties items contains not if then else propertyNames unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
);
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const named = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

/** Keywords that apply to every value, null included. */
const ofAny = ['enum', 'const', '$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'if'];

/**
 * Converts a schema of any draft or OpenAPI to draft 2020-12. It removes keywords without effect and invalid schemas,
 * on which a validator would fail.
 */
export function currentSchema(raw: unknown): boolean | Record<string, unknown> {
  if (typeof raw === 'boolean') return raw;
  if (!isRecord(raw)) return true;
  const entries: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(raw)) {
    if (Object.hasOwn(plain, keyword)) {
      if (plain[keyword]?.(value)) entries.push([keyword, value]);
    } else if (lists.has(keyword)) {
      if (Array.isArray(value) && value.length > 0) entries.push([keyword, value.map(currentSchema)]);
    } else if (named.has(keyword)) {
      if (isRecord(value)) entries.push([keyword, schemasByName(value, keyword)]);
    } else if (one.has(keyword) && !Array.isArray(value)) entries.push([keyword, currentSchema(value)]);
  }
  return withNull({ ...Object.fromEntries(entries), ...oldForms(raw) }, raw);
}

function schemasByName(value: Raw, keyword: string): Raw {
  const entries = Object.entries(value).filter(([name]) => keyword !== 'patternProperties' || isExpression(name));
  return Object.fromEntries(entries.map(([name, schema]) => [name, currentSchema(schema)]));
}

/** Converts the forms of drafts before 2020-12. */
function oldForms({ items, additionalItems, minimum, maximum, exclusiveMinimum, exclusiveMaximum, ...raw }: Raw): Raw {
  const { dependencies } = raw;
  const now: Record<string, unknown> = {};
  if (Array.isArray(items)) {
    if (items.length > 0) now['prefixItems'] = items.map(currentSchema);
    if (additionalItems !== undefined) now['items'] = currentSchema(additionalItems);
  }
  if (exclusiveMinimum === true && Number.isFinite(minimum)) now['exclusiveMinimum'] = minimum;
  if (exclusiveMaximum === true && Number.isFinite(maximum)) now['exclusiveMaximum'] = maximum;
  if (isRecord(dependencies)) {
    const entries = Object.entries(dependencies);
    now['dependentRequired'] = Object.fromEntries(entries.filter(([, value]) => isNames(value)));
    const schemas = entries.filter(([, value]) => !Array.isArray(value));
    now['dependentSchemas'] = Object.fromEntries(schemas.map(([name, value]) => [name, currentSchema(value)]));
  }
  return now;
}

function withNull(schema: Raw, { nullable }: Raw): Record<string, unknown> {
  if (nullable !== true) return schema;
  const { type } = schema;
  if (type === undefined || ofAny.some((keyword) => schema[keyword] !== undefined)) {
    const { $defs = {}, definitions = {}, ...own } = schema;
    return { anyOf: [{ type: 'null' }, own], $defs, definitions };
  }
  return { ...schema, type: [...new Set([...(Array.isArray(type) ? type : [type]), 'null'])] };
}

/** Whether it is a regular expression, with `u` or without. */
export function isExpression(source: unknown): boolean {
  return typeof source === 'string' && expression(source) !== null;
}

export function expression(source: string): RegExp | null {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(source, flags);
    } catch {
      // Without `u` it may be valid.
    }
  }
  return null;
}
