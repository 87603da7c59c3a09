import type { Format } from './formats.ts';
import type { JsonValue } from '../json-value.ts';
import type { Language } from '../text/language.ts';

export const jsonTypes = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;

export type JsonType = (typeof jsonTypes)[number];

/** One schema of a document, after parsing. The compiler keeps every keyword here; others are gone. */
export interface Schema {
  readonly id: number;
  /** The schema's path, for errors. */
  readonly path: string;
  /** The schema `false`, which no value fits. */
  never?: boolean;
  /** Types allowed by `type`; an integer is a number here. */
  types?: ReadonlySet<JsonType>;
  /** Allows only integers among numbers. */
  integer?: boolean;
  /** Values allowed by `enum` and `const`, by their canonical JSON. */
  values?: ReadonlyMap<string, JsonValue>;
  properties?: ReadonlyMap<string, Schema>;
  required?: readonly string[];
  additional?: Schema;
  /** Allows names beyond `properties` to be written even if no keyword mentions them. */
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
  /** The texts in which the pattern has a match. */
  pattern?: Language;
  /** The names that `propertyNames` lists, if it does. */
  names?: ReadonlySet<string>;
  /** Allows `null` in addition to everything else (OpenAPI 3.0). */
  nullable?: boolean;
  ref?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
}

/** No value fits it. */
export const nothing: Schema = { id: -1_000_000, path: '', never: true };

/** Only `null` fits it. */
export const justNull: Schema = { id: -1_000_001, path: '', types: new Set(['null']) };

const none: readonly Schema[] = [];

/** The schemas that apply to the same value. */
export function inPlace({ ref, anyOf = none, oneOf = none, allOf = none }: Schema): readonly Schema[] {
  if (ref === undefined && anyOf === none && oneOf === none && allOf === none) return none;
  return [...(ref === undefined ? [] : [ref]), ...anyOf, ...oneOf, ...allOf];
}

export function typeOf(value: JsonValue): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as Exclude<JsonType, 'null' | 'array'>;
}

/** The types that the keywords are about: objects for `properties`, strings for `minLength`. */
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

/** Whether every value fits the schema's own keywords. */
export function isTrivial(schema: Schema): boolean {
  const { id: _id, path: _path, ref: _ref, allOf: _allOf, anyOf: _anyOf, oneOf: _oneOf, ...own } = schema;
  return Object.values(own).every((keyword) => keyword === undefined || keyword === false);
}
