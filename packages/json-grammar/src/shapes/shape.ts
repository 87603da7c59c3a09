import type { JsonValue } from '../json-value.ts';
import type { State } from '../text/automaton.ts';

/** Fitting values of one kind, which the grammar can write directly. A node fits what any of its shapes fits. */
export type Shape =
  | { kind: 'values'; values: readonly JsonValue[] }
  | NumberShape
  | StringShape
  | ArrayShape
  | ObjectShape;

export interface NumberShape {
  kind: 'number';
  integer: boolean;
  minimum: number;
  maximum: number;
  /** The schema with the bounds. */
  path: string;
  /** The number's automaton, where bounds of fractions or multiples need one. */
  digits: State | null;
}

export interface StringShape {
  kind: 'string';
  minLength: number;
  maxLength: number;
  /** The string's automaton, where a pattern or a format needs one. */
  text: State | null;
}

export interface ArrayShape {
  kind: 'array';
  /** The first items, each with its own node. */
  prefix: readonly ShapeNode[];
  /** The node of further items; null where none are allowed. */
  rest: ShapeNode | null;
  minItems: number;
  maxItems: number;
}

export interface ObjectShape {
  kind: 'object';
  /** In the order in which they are written. */
  properties: ReadonlyMap<string, { node: ShapeNode; required: boolean; place: number }>;
  /** The node of other names' values; null where none are allowed. */
  extra: ShapeNode | null;
}

export interface ShapeNode {
  readonly path: string;
  shapes: readonly Shape[];
  /** Whether a value fits it; known after `settle`. */
  fillable: boolean;
}

/** Whether a value fits the shape, given the nodes that are known to be fillable. */
export function isFillable(shape: Shape): boolean {
  switch (shape.kind) {
    case 'values':
      return shape.values.length > 0;
    case 'number':
    case 'string':
      return true;
    case 'array':
      return itemsPossible(shape) >= shape.minItems;
    case 'object':
      return [...shape.properties.values()].every(({ node, required }) => !required || node.fillable);
    default:
      return shape satisfies never;
  }
}

/** How many items an array can have, by the nodes of its places. */
export function itemsPossible({ prefix, rest, maxItems }: ArrayShape): number {
  const stop = prefix.findIndex((node) => !node.fillable);
  if (stop !== -1) return Math.min(stop, maxItems);
  return rest?.fillable ? maxItems : Math.min(prefix.length, maxItems);
}
