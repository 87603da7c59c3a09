import type { Format } from './formats.ts';
import type { JsonValue } from '../json-value.ts';
import type { Language } from '../text/language.ts';

export const jsonTypes = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;

export type JsonType = (typeof jsonTypes)[number];

/** One schema of a document, read once: every keyword here is honoured, whatever else stood there is none. */
export interface Schema {
  readonly id: number;
  /** Where it stands, for errors. */
  readonly path: string;
  /** Fits nothing: the schema `false`. */
  never?: boolean;
  /** What `type` allows; integers are numbers here. */
  types?: ReadonlySet<JsonType>;
  /** The only numbers are integers. */
  integer?: boolean;
  /** What `enum` and `const` allow, by its canonical JSON. */
  values?: ReadonlyMap<string, JsonValue>;
  properties?: ReadonlyMap<string, Schema>;
  required?: readonly string[];
  additional?: Schema;
  /** Other names than those of `properties` may be written though nothing says so. */
  open?: boolean;
  prefixItems?: readonly Schema[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  format?: Format;
  /** The texts in which its pattern finds something. */
  pattern?: Language;
  /** The names that `propertyNames` allows, where it lists them. */
  names?: ReadonlySet<string>;
  /** `null` fits as well, whatever else it says (OpenAPI 3.0). */
  nullable?: boolean;
  ref?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
}

/** Fits nothing. */
export const nothing: Schema = { id: -1_000_000, path: '', never: true };

/** Fits `null` alone. */
export const justNull: Schema = { id: -1_000_001, path: '', types: new Set(['null']) };

const none: readonly Schema[] = [];

/** The schemas that must fit the very value that this one fits. */
export function inPlace({ ref, anyOf = none, oneOf = none, allOf = none }: Schema): readonly Schema[] {
  if (ref === undefined && anyOf === none && oneOf === none && allOf === none) return none;
  return [...(ref === undefined ? [] : [ref]), ...anyOf, ...oneOf, ...allOf];
}

export function typeOf(value: JsonValue): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as Exclude<JsonType, 'null' | 'array'>;
}

/** The types that a schema speaks of: `properties` of objects, `minLength` of strings. */
export function typesMeant(schema: Schema): readonly JsonType[] {
  const meant: JsonType[] = [];
  const { properties, required, additional, open, names } = schema;
  if (properties ?? required ?? additional ?? open ?? names) meant.push('object');
  if (schema.prefixItems ?? schema.items) meant.push('array');
  else if (schema.minItems !== undefined || schema.maxItems !== undefined) meant.push('array');
  const { minLength, maxLength, format, pattern } = schema;
  if ((minLength ?? maxLength ?? format ?? pattern) !== undefined) meant.push('string');
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if ((minimum ?? maximum ?? exclusiveMinimum ?? exclusiveMaximum ?? multipleOf) !== undefined) meant.push('number');
  return meant;
}

/** Whether every value fits it by its own keywords. */
export function isTrivial(schema: Schema): boolean {
  const { id: _id, path: _path, ref: _ref, allOf: _allOf, anyOf: _anyOf, oneOf: _oneOf, ...own } = schema;
  return Object.values(own).every((keyword) => keyword === undefined || keyword === false);
}
