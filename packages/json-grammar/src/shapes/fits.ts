import { hasFormat } from '../schema/formats.ts';
import { canonicalJson, isRecord, type JsonValue } from '../json-value.ts';
import type { Texts } from '../schema/texts.ts';
import { inPlace, typeOf, type Schema } from '../schema/schema.ts';

/** Whether values fit schemas, by all keywords of `Schema`. Caches results, as schemas share parts. */
export class Fits {
  readonly #lenient: boolean;
  readonly #texts: Texts;
  readonly #known = new Map<Schema, Map<JsonValue, boolean>>();

  /** When lenient, `oneOf` means `anyOf`. */
  constructor({ lenient, texts }: { lenient: boolean; texts: Texts }) {
    this.#lenient = lenient;
    this.#texts = texts;
  }

  fits(value: JsonValue, schema: Schema): boolean {
    if (value === null && schema.nullable) return true;
    if (inPlace(schema).length === 0) return this.fitsItself(value, schema);
    const known = this.#known.get(schema) ?? new Map<JsonValue, boolean>();
    this.#known.set(schema, known);
    const answer = known.get(value) ?? this.#fitsAll(value, schema);
    known.set(value, answer);
    return answer;
  }

  #fitsAll(value: JsonValue, schema: Schema): boolean {
    const { ref, allOf, anyOf, oneOf } = schema;
    return (
      this.fitsItself(value, schema) &&
      (ref === undefined || this.fits(value, ref)) &&
      (allOf === undefined || allOf.every((all) => this.fits(value, all))) &&
      (anyOf === undefined || anyOf.some((any) => this.fits(value, any))) &&
      (oneOf === undefined || this.#fitsOne(value, oneOf))
    );
  }

  #fitsOne(value: JsonValue, oneOf: readonly Schema[]): boolean {
    const fitting = oneOf.filter((one) => this.fits(value, one)).length;
    return this.#lenient ? fitting > 0 : fitting === 1;
  }

  /** Like `fits`, but ignores the schemas that this one refers to for the same value (`$ref`, `anyOf`, `oneOf`). */
  fitsItself(value: JsonValue, schema: Schema): boolean {
    if (schema.never) return false;
    if (schema.types !== undefined && !schema.types.has(typeOf(value))) return false;
    if (schema.values !== undefined && !schema.values.has(canonicalJson(value))) return false;
    if (typeof value === 'number') return fitsNumber(value, schema);
    if (typeof value === 'string') return this.#fitsString(value, schema);
    if (Array.isArray(value)) return this.#fitsArray(value, schema);
    return !isRecord(value) || this.#fitsObject(value as Record<string, JsonValue>, schema);
  }

  #fitsString(value: string, { minLength = 0, maxLength = Infinity, format, pattern }: Schema): boolean {
    const length = Array.from(value).length;
    return (
      length >= minLength &&
      length <= maxLength &&
      (format === undefined || hasFormat(value, format)) &&
      (pattern === undefined || this.#texts.has(pattern, value))
    );
  }

  #fitsArray(value: readonly JsonValue[], schema: Schema): boolean {
    const { prefixItems = [], items, minItems = 0, maxItems = Infinity } = schema;
    if (value.length < minItems || value.length > maxItems) return false;
    return value.every((item, at) => {
      const one = prefixItems[at] ?? items;
      return one === undefined || this.fits(item, one);
    });
  }

  #fitsObject(value: Readonly<Record<string, JsonValue>>, schema: Schema): boolean {
    const { properties, required = [], additional, names } = schema;
    if (names !== undefined && !Object.keys(value).every((name) => names.has(name))) return false;
    // See `inherited` in shapes-of.ts.
    const inherited = [...(properties?.keys() ?? [])].filter((name) => name in Object.prototype);
    if (![...required, ...inherited].every((name) => Object.hasOwn(value, name))) return false;
    return Object.entries(value).every(([name, item]) => {
      const one = properties?.get(name) ?? additional;
      return one === undefined || this.fits(item, one);
    });
  }
}

function fitsNumber(value: number, schema: Schema): boolean {
  const { integer, minimum = -Infinity, maximum = Infinity, multipleOf } = schema;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema;
  return (
    value >= minimum &&
    value <= maximum &&
    value > exclusiveMinimum &&
    value < exclusiveMaximum &&
    (!integer || Number.isInteger(value)) &&
    (multipleOf === undefined || isMultiple(value, multipleOf))
  );
}

/** Decimal, in spite of floating point: 0.3 is three times 0.1. */
function isMultiple(value: number, multipleOf: number): boolean {
  const quotient = value / multipleOf;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}
