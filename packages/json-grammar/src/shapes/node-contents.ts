import { canonicalJson } from '../json-value.ts';
import { typeOf, type JsonType } from '../schema/schema.ts';
import type { ShapeNode } from './shape.ts';

interface Contents {
  /** Types with more than listed values. */
  readonly types: ReadonlySet<JsonType>;
  /** The types of the listed values, by their canonical JSON. */
  readonly values: ReadonlyMap<string, JsonType>;
}

/** Decides which nodes have no common value, by their types and listed values. */
export class NodeContents {
  readonly #known = new Map<ShapeNode, Contents>();

  differ(one: ShapeNode, two: ShapeNode): boolean {
    const [left, right] = [this.#of(one), this.#of(two)];
    for (const type of left.types) if (right.types.has(type)) return false;
    for (const [text, type] of left.values) if (right.values.has(text) || right.types.has(type)) return false;
    for (const type of right.values.values()) if (left.types.has(type)) return false;
    return true;
  }

  #of(node: ShapeNode): Contents {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const types = new Set<JsonType>();
    const values = new Map<string, JsonType>();
    for (const shape of node.shapes) {
      if (shape.kind !== 'values') types.add(shape.kind);
      else for (const value of shape.values) values.set(canonicalJson(value), typeOf(value));
    }
    const contents = { types, values };
    this.#known.set(node, contents);
    return contents;
  }
}
