import type { JsonValue } from '../json-value.ts';
import type { State } from '../text/automaton.ts';

/** Values that fit, of one kind: what a grammar can write as it stands. A node fits what any of its shapes fits. */
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
  /** The schema that its bounds come from. */
  path: string;
  /** How it is written, where bounds of fractions or multiples say so. */
  digits: State | null;
}

export interface StringShape {
  kind: 'string';
  minLength: number;
  maxLength: number;
  /** How it is written, of so many characters, where a pattern or a format says so. */
  text: State | null;
}

export interface ArrayShape {
  kind: 'array';
  /** What the first items have, each its own. */
  prefix: readonly ShapeNode[];
  /** What the further ones have; null where there are none. */
  rest: ShapeNode | null;
  minItems: number;
  maxItems: number;
}

export interface ObjectShape {
  kind: 'object';
  /** In the order in which they are written. */
  properties: ReadonlyMap<string, { node: ShapeNode; required: boolean; place: number }>;
  /** What other names have; null where there are none. */
  extra: ShapeNode | null;
}

export interface ShapeNode {
  readonly path: string;
  shapes: readonly Shape[];
  /** Whether some value fits it: known once the graph is settled. */
  fillable: boolean;
}

/** Whether some value fits the shape, given which nodes are known to have one. */
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

/** How many items an array can have, by what can be written at each place. */
export function itemsPossible({ prefix, rest, maxItems }: ArrayShape): number {
  const stop = prefix.findIndex((node) => !node.fillable);
  if (stop !== -1) return Math.min(stop, maxItems);
  return rest?.fillable ? maxItems : Math.min(prefix.length, maxItems);
}
