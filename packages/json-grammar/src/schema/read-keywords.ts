import { schemaBounds } from '../bounds.ts';
import { tooDeep } from './check-size.ts';
import { formats, isFormat, looseFormats, numberFormats } from './formats.ts';
import { canonicalJson, isRecord, type JsonValue } from '../json-value.ts';
import { refuse, type Step } from '../refuse.ts';
import { assertions, isAnnotation } from './annotations.ts';
import { jsonTypes, type JsonType, type Schema } from './schema.ts';
import type { Texts } from './texts.ts';

/** What keywords need from their document. */
export interface KeywordDocument {
  /** Whether the schema must be kept in full. */
  readonly strict: boolean;
  readonly texts: Texts;
  pathOf(steps: readonly Step[]): string;
  /** Leaves a part out, or throws when strict. */
  leaveOut(steps: readonly Step[], fault: string): void;
  schemaAt(steps: readonly Step[], raw: unknown, depth: number): Schema;
  /** A schema of integers in a range; it does not constrain other types. */
  integers(steps: readonly Step[], range: readonly [number, number]): Schema;
  /** The target of a `$ref`, or null where it leads nowhere. */
  target(ref: string): Schema | null;
}

export interface SchemaPlace {
  document: KeywordDocument;
  steps: readonly Step[];
  depth: number;
}

type Reader = (schema: Schema, value: unknown, place: SchemaPlace) => void;

const cannotBeKept = 'a grammar cannot enforce this; remove it, or strict';

const readers: Readonly<Record<string, Reader>> = {
  type: readType,
  enum: (schema, value, place) => {
    if (!Array.isArray(value)) return wrong(place, 'must be a list of values');
    if (value.length === 0) throw refuse(place.document.pathOf(place.steps), 'is empty; list at least one value');
    readValues(schema, value, place);
  },
  const: (schema, value, place) => readValues(schema, [value], place),
  properties: (schema, value, place) => {
    if (!isRecord(value)) return wrong(place, 'must be an object of schemas');
    const properties = new Map<string, Schema>();
    for (const [name, raw] of Object.entries(value)) {
      if (isUnsafe(name, [...place.steps, name], place)) continue;
      properties.set(name, child(raw, [name], place));
    }
    schema.properties = properties;
  },
  required: (schema, value, place) => {
    if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) {
      return wrong(place, 'must be a list of names');
    }
    schema.required = [...new Set(value)].filter((name) => !isUnsafe(name, place.steps, place));
  },
  additionalProperties: (schema, value, place) => {
    schema.additional = child(value, [], place);
  },
  items: (schema, value, place) => {
    // The form before draft 2020-12; see `readOldForms`.
    if (Array.isArray(value)) schema.prefixItems = value.map((raw, at) => child(raw, [at], place));
    else schema.items = child(value, [], place);
  },
  prefixItems: (schema, value, place) => {
    schema.prefixItems = children(value, place);
  },
  minItems: count('minItems'),
  maxItems: count('maxItems'),
  minLength: count('minLength'),
  maxLength: count('maxLength'),
  minimum: bound('minimum'),
  maximum: bound('maximum'),
  exclusiveMinimum: (schema, value, place) => {
    if (typeof value !== 'boolean') bound('exclusiveMinimum')(schema, value, place);
  },
  exclusiveMaximum: (schema, value, place) => {
    if (typeof value !== 'boolean') bound('exclusiveMaximum')(schema, value, place);
  },
  multipleOf: (schema, value, place) => {
    if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) return wrong(place, 'must be over 0');
    schema.multipleOf = value;
  },
  format: readFormat,
  pattern: (schema, value, place) => {
    if (typeof value !== 'string') return wrong(place, 'must be a regular expression');
    const pattern = place.document.texts.pattern(value);
    if (pattern !== null) schema.pattern = pattern;
    else wrong(place, `${cannotBeKept}; use no look-behind, back-reference or \\b, and keep it short`);
  },
  propertyNames: readPropertyNames,
  patternProperties: (schema, value, place) => {
    if (isRecord(value) && Object.keys(value).length === 0) return;
    schema.open = true;
    wrong(place, cannotBeKept);
  },
  nullable: (schema, value) => {
    schema.nullable = value === true;
  },
  anyOf: (schema, value, place) => {
    schema.anyOf = children(value, place);
  },
  oneOf: (schema, value, place) => {
    schema.oneOf = children(value, place);
  },
  allOf: (schema, value, place) => {
    schema.allOf = [...(schema.allOf ?? []), ...(children(value, place) ?? [])];
  },
  $ref: (schema, value, place) => {
    const target = typeof value === 'string' ? place.document.target(value) : null;
    if (target !== null) schema.ref = target;
    else wrong(place, `${JSON.stringify(value)} is nowhere in this schema; use a local one, such as "#/$defs/name"`);
  },
};

/** Whether a keyword constrains a value; other ones are ignored without `strict`. */
export function isKnownKeyword(keyword: string): boolean {
  return Object.hasOwn(readers, keyword) || assertions.has(keyword);
}

/** Reads the keywords of one schema. A keyword that cannot be kept is left out, or refused by name. */
export function readKeywords(schema: Schema, raw: Readonly<Record<string, unknown>>, place: SchemaPlace): void {
  const { document, steps, depth } = place;
  for (const [keyword, value] of Object.entries(raw)) {
    if (value === undefined || isAnnotation(keyword, raw)) continue;
    const at = { document, steps: [...steps, keyword], depth };
    if (Object.hasOwn(readers, keyword)) readers[keyword]?.(schema, value, at);
    else if (assertions.has(keyword)) wrong(at, cannotBeKept);
    // An unknown keyword has no effect, but may be a typo when strict.
    else if (document.strict) wrong(at, 'not supported; leave it out');
  }
  readOldForms(schema, raw, place);
  if (schema.open && schema.additional?.never) delete schema.additional;
  refuseEmptyRange(schema, 'minItems', 'maxItems');
  refuseEmptyRange(schema, 'minLength', 'maxLength');
  refuseEmptyRange(schema, 'minimum', 'maximum');
}

/** Reads the two-keyword forms of drafts before 2020-12. */
function readOldForms(schema: Schema, raw: Readonly<Record<string, unknown>>, place: SchemaPlace): void {
  const { minimum, maximum } = schema;
  if (raw['exclusiveMinimum'] === true && minimum !== undefined) schema.exclusiveMinimum = minimum;
  if (raw['exclusiveMaximum'] === true && maximum !== undefined) schema.exclusiveMaximum = maximum;
  if (Array.isArray(raw['items']) && raw['additionalItems'] !== undefined) {
    schema.items = child(raw['additionalItems'], ['additionalItems'], place);
  }
}

function wrong({ document, steps }: SchemaPlace, fault: string): void {
  document.leaveOut(steps, fault);
}

function child(raw: unknown, steps: readonly Step[], place: SchemaPlace): Schema {
  return place.document.schemaAt([...place.steps, ...steps], raw, place.depth + 1);
}

function children(value: unknown, place: SchemaPlace): readonly Schema[] | undefined {
  if (Array.isArray(value) && value.length > 0) return value.map((raw, at) => child(raw, [at], place));
  wrong(place, 'must be a list of at least one schema');
  return undefined;
}

/** JavaScript, and validators in it, treat the name `__proto__` specially. */
function isUnsafe(name: string, steps: readonly Step[], { document }: SchemaPlace): boolean {
  if (name !== '__proto__') return false;
  document.leaveOut(steps, 'the name "__proto__" is not supported; use another one');
  return true;
}

function readType(schema: Schema, value: unknown, place: SchemaPlace): void {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  const known = (name: unknown): name is JsonType | 'integer' =>
    name === 'integer' || jsonTypes.some((type) => type === name);
  if (names.length === 0 || !names.every(known)) {
    return wrong(place, `${JSON.stringify(value)} is not a type; use ${jsonTypes.join(', ')} or integer`);
  }
  schema.types = new Set(names.map((name) => (name === 'integer' ? 'number' : name)));
  schema.integer = names.includes('integer') && !names.includes('number');
}

function readFormat(schema: Schema, value: unknown, place: SchemaPlace): void {
  const range = numberFormats.get(value);
  if (isFormat(value)) schema.format = value;
  else if (range !== undefined) {
    // `minimum` and `maximum` may also be there.
    schema.allOf = [...(schema.allOf ?? []), place.document.integers(place.steps, range)];
  } else if (!looseFormats.has(value)) {
    wrong(place, `${JSON.stringify(value)} is not supported; use ${formats.join(', ')}, or leave it out`);
  }
}

/** Keeps a list of names: they become properties. */
function readPropertyNames(schema: Schema, value: unknown, place: SchemaPlace): void {
  if (value === true) return;
  if (!isRecord(value)) return wrong(place, cannotBeKept);
  const said = Object.keys(value).filter((keyword) => !isAnnotation(keyword, value));
  const listed = value['enum'] ?? (value['const'] === undefined ? undefined : [value['const']]);
  if (value['type'] !== undefined && value['type'] !== 'string') return wrong(place, cannotBeKept);
  if (said.some((keyword) => keyword !== 'type' && keyword !== 'enum' && keyword !== 'const')) {
    return wrong(place, cannotBeKept);
  }
  if (listed === undefined) return;
  if (!Array.isArray(listed)) return wrong(place, 'must list names');
  const names = listed.filter((name) => typeof name === 'string');
  schema.names = new Set(names.filter((name) => !isUnsafe(name, place.steps, place)));
}

function readValues(schema: Schema, list: readonly unknown[], place: SchemaPlace): void {
  const values = list.map((value) => jsonValue(value, place.depth, place));
  const others = schema.values;
  // `enum` and `const` must both hold.
  schema.values = new Map(
    values
      .map((value): [string, JsonValue] => [canonicalJson(value), value])
      .filter(([canonical]) => others?.has(canonical) ?? true),
  );
}

function jsonValue(value: unknown, depth: number, place: SchemaPlace): JsonValue {
  if (depth > schemaBounds.depth) throw refuse(place.document.pathOf(place.steps), tooDeep);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item) => jsonValue(item, depth + 1, place));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, jsonValue(item, depth + 1, place)]));
  }
  throw refuse(place.document.pathOf(place.steps), 'holds something that is not JSON; leave it out');
}

function count(keyword: 'minItems' | 'maxItems' | 'minLength' | 'maxLength'): Reader {
  return (schema, value, place) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      return wrong(place, 'must be a whole number, 0 or more');
    }
    if (value > schemaBounds.repetition) {
      return wrong(place, `is over ${schemaBounds.repetition.toLocaleString('en')}; use less, or leave it out`);
    }
    schema[keyword] = value;
  };
}

function bound(keyword: 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum'): Reader {
  return (schema, value, place) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return wrong(place, 'must be a finite number');
    schema[keyword] = value;
  };
}

function refuseEmptyRange<Least extends keyof Schema, Most extends keyof Schema>(
  schema: Schema,
  least: Least,
  most: Most,
): void {
  const [low, high] = [schema[least], schema[most]];
  if (typeof low === 'number' && typeof high === 'number' && low > high) {
    throw refuse(schema.path, `its ${String(least)} ${low} is over its ${String(most)} ${high}; no value fits it`);
  }
}
