import { commonTypes } from './alternatives.ts';
import type { LeftOut } from '../left-out.ts';
import { numberShape } from './number-shape.ts';
import { jsonTypes, nothing, type JsonType, type Schema } from '../schema/schema.ts';
import type { ObjectShape, Shape, ShapeNode } from './shape.ts';
import { stringShape } from './string-shape.ts';
import type { Texts } from '../schema/texts.ts';

export interface ShapeContext {
  path: string;
  /**
   * True for the grammar, which leaves out what no keyword mentions (names besides `properties`, items after
   * `prefixItems`). False when only existence of a fitting value matters; then optional parts are left out.
   */
  writable: boolean;
  texts: Texts;
  leftOut: LeftOut;
  /** The node of the values that fit all of these. */
  node: (schemas: readonly Schema[], path: string) => ShapeNode;
}

/** The shapes of the values that fit all these schemas' keywords; none where they contradict one another. */
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
      return numberShape(schemas, context);
    case 'string': {
      const minLength = largest(schemas, 'minLength', 0);
      const maxLength = least(schemas, 'maxLength', Infinity);
      return stringShape(schemas, { ...context, minLength, maxLength });
    }
    case 'array':
      return arrayShape(schemas, context);
    case 'object':
      return objectShape(schemas, context);
    default:
      return type satisfies never;
  }
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
  const closed = schemas.some((schema) => schema.properties !== undefined && !schema.additional && !schema.open);
  const allowed = writable ? allowedNames(schemas) : null;
  const declared = writable ? schemas.flatMap(({ properties }) => [...(properties?.keys() ?? [])]) : [];
  const names = new Set([...declared, ...(closed ? [] : (allowed ?? [])), ...required]);
  const properties = new Map(
    [...names].map((name, place) => {
      const own = schemas.flatMap((schema) => schema.properties?.get(name) ?? []);
      const all = schemas.flatMap((schema) => schema.properties?.get(name) ?? schema.additional ?? []);
      const at = own[0]?.path ?? `${path}.required`;
      const out = allowed?.has(name) === false ? [nothing] : [];
      // Validators in JavaScript mistake what every object inherits for a property.
      const inherited = writable && own.length > 0 && name in Object.prototype;
      return [name, { node: node([...all, ...out], at), required: required.has(name) || inherited, place }];
    }),
  );
  const extra =
    closed || !writable || allowed !== null
      ? null
      : node(
          schemas.flatMap(({ additional }) => additional ?? []),
          `${path}.additionalProperties`,
        );
  return { kind: 'object', properties, extra };
}

/** The names that `propertyNames` lists; null where it lists none. */
function allowedNames(schemas: readonly Schema[]): ReadonlySet<string> | null {
  const lists = schemas.flatMap(({ names }) => (names === undefined ? [] : [names]));
  const [first, ...others] = lists;
  if (first === undefined) return null;
  return new Set([...first].filter((name) => others.every((list) => list.has(name))));
}

function largest(schemas: readonly Schema[], keyword: 'minLength' | 'minItems', start: number): number {
  return Math.max(start, ...schemas.map((schema) => schema[keyword] ?? start));
}

function least(schemas: readonly Schema[], keyword: 'maxLength' | 'maxItems', start: number): number {
  return Math.min(start, ...schemas.map((schema) => schema[keyword] ?? start));
}
