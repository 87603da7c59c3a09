import { commonTypes } from './alternatives.ts';
import { formatLength, type Format } from './formats.ts';
import { jsonTypes, type JsonType, type Schema } from './schema.ts';
import { canWriteFormat } from './write-format.ts';
import type { ObjectShape, Shape, ShapeNode } from './shape.ts';

export interface ShapeContext {
  path: string;
  /**
   * Whether it is to be written; then what nothing speaks of is left out (names beside `properties`, items after
   * `prefixItems`). Else only whether anything fits is asked, so what need not be there is left out.
   */
  writable: boolean;
  /** The node of what fits all of these. */
  node: (schemas: readonly Schema[], path: string) => ShapeNode;
}

/** The shapes of what fits the keywords of all these schemas; none where they contradict one another. */
export function shapesOf(schemas: readonly Schema[], context: ShapeContext): Shape[] {
  const types = commonTypes(schemas) ?? new Set(jsonTypes);
  return [...types].flatMap((type) => shapeOf(type, schemas, context) ?? []);
}

function shapeOf(type: JsonType, schemas: readonly Schema[], context: ShapeContext): Shape | null {
  switch (type) {
    case 'null':
      return { kind: 'values', values: [null] };
    case 'boolean':
      return { kind: 'values', values: [true, false] };
    case 'number':
      return numberShape(schemas);
    case 'string':
      return stringShape(schemas, context);
    case 'array':
      return arrayShape(schemas, context);
    case 'object':
      return objectShape(schemas, context);
    default:
      return type satisfies never;
  }
}

function numberShape(schemas: readonly Schema[]): Shape | null {
  const integer = schemas.some((schema) => schema.integer);
  const minimum = largest(schemas, 'minimum', -Infinity);
  const maximum = least(schemas, 'maximum', Infinity);
  if (integer ? Math.ceil(minimum) > Math.floor(maximum) : minimum > maximum) return null;
  const path = schemas.find((schema) => schema.minimum !== undefined || schema.maximum !== undefined)?.path ?? '';
  return { kind: 'number', integer, minimum, maximum, path };
}

function stringShape(schemas: readonly Schema[], { writable }: ShapeContext): Shape | null {
  const named = new Set(schemas.flatMap(({ format }): Format[] => (format === undefined ? [] : [format])));
  if (named.size > 1) return null;
  const [format] = named;
  const [shortest, longest] = format === undefined ? [0, Infinity] : formatLength[format];
  const minLength = largest(schemas, 'minLength', shortest);
  const maxLength = least(schemas, 'maxLength', longest);
  if (minLength > maxLength) return null;
  if (writable && format !== undefined && !canWriteFormat(format, minLength, maxLength)) return null;
  return { kind: 'string', minLength, maxLength, ...(format === undefined ? {} : { format }) };
}

function arrayShape(schemas: readonly Schema[], { path, writable, node }: ShapeContext): Shape | null {
  const minItems = largest(schemas, 'minItems', 0);
  const maxItems = least(schemas, 'maxItems', Infinity);
  if (minItems > maxItems) return null;
  const places = Math.max(...schemas.map(({ prefixItems = [] }) => prefixItems.length), 0);
  const prefix = Array.from({ length: Math.min(places, writable ? maxItems : minItems) }, (_, at) =>
    node(
      schemas.flatMap(({ prefixItems = [], items }) => prefixItems[at] ?? items ?? []),
      `${path}.prefixItems[${at}]`,
    ),
  );
  const rest =
    writable || minItems > places
      ? node(
          schemas.flatMap(({ items }) => items ?? []),
          `${path}.items`,
        )
      : null;
  const closed = writable && schemas.some(({ prefixItems, items }) => prefixItems !== undefined && items === undefined);
  const most = closed ? Math.min(maxItems, Math.max(places, minItems)) : maxItems;
  return { kind: 'array', prefix, rest, minItems, maxItems: most };
}

function objectShape(schemas: readonly Schema[], { path, writable, node }: ShapeContext): ObjectShape {
  const required = new Set(schemas.flatMap((schema) => schema.required ?? []));
  const declared = writable ? schemas.flatMap(({ properties }) => [...(properties?.keys() ?? [])]) : [];
  const names = new Set([...declared, ...required]);
  const properties = new Map(
    [...names].map((name, place) => {
      const own = schemas.flatMap((schema) => schema.properties?.get(name) ?? []);
      const all = schemas.flatMap((schema) => schema.properties?.get(name) ?? schema.additional ?? []);
      const at = own[0]?.path ?? `${path}.required`;
      // Validators in JavaScript take what every object inherits for a property that is there.
      const inherited = writable && name in Object.prototype;
      return [name, { node: node(all, at), required: required.has(name) || inherited, place }];
    }),
  );
  const closed = schemas.some((schema) => schema.properties !== undefined && !schema.additional && !schema.open);
  const extra =
    closed || !writable
      ? null
      : node(
          schemas.flatMap(({ additional }) => additional ?? []),
          `${path}.additionalProperties`,
        );
  return { kind: 'object', properties, extra };
}

function largest(schemas: readonly Schema[], keyword: 'minimum' | 'minLength' | 'minItems', start: number): number {
  return Math.max(start, ...schemas.map((schema) => schema[keyword] ?? start));
}

function least(schemas: readonly Schema[], keyword: 'maximum' | 'maxLength' | 'maxItems', start: number): number {
  return Math.min(start, ...schemas.map((schema) => schema[keyword] ?? start));
}
