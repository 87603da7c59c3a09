import { isHeadwayError } from '@headway/protocol';

import { Alternatives, commonTypes, type Alternative, type Member } from './alternatives.ts';
import { schemaBounds } from '../bounds.ts';
import { Fits } from './fits.ts';
import type { LeftOut } from '../left-out.ts';
import { refuse } from '../refuse.ts';
import { inPlace, isTrivial, typesMeant, type JsonType, type Schema } from '../schema/schema.ts';
import { isFillable, type ShapeNode } from './shape.ts';
import { shapesOf } from './shapes-of.ts';
import type { Texts } from '../schema/texts.ts';

/**
 * `writable`: what the grammar writes, which may be less than fits (no names that no keyword mentions), and where one
 * branch of a `oneOf` fits, no other may. `lenient`: the same, except that an overlapping `oneOf` means `anyOf`.
 * `loose`: all that fits and possibly more, so that an empty result is certain.
 */
export type GraphMode = 'writable' | 'lenient' | 'loose';

export interface ShapeGraphOptions {
  texts: Texts;
  leftOut: LeftOut;
  fits?: Fits;
}

/** The shapes of all values below a schema. Equal sets of schemas share one node, so recursion makes a cycle. */
export class ShapeGraph {
  readonly #mode: GraphMode;
  readonly #nodes = new Map<string, ShapeNode>();
  #unsettled: { node: ShapeNode; members: readonly Member[] }[] = [];
  readonly #alternatives = new Alternatives();
  readonly #fits: Fits;
  readonly #texts: Texts;
  readonly #leftOut: LeftOut;
  readonly #typed = new Map<string, Schema>();
  readonly #loose: ShapeGraph | null;

  constructor(mode: GraphMode, options: ShapeGraphOptions) {
    const { texts, leftOut, fits = new Fits({ lenient: mode === 'lenient', texts }) } = options;
    this.#mode = mode;
    this.#texts = texts;
    this.#leftOut = leftOut;
    this.#fits = fits;
    this.#loose = mode === 'loose' ? null : new ShapeGraph('loose', { texts, leftOut, fits });
  }

  /** The node of the values that fit all members. Its shapes are known after `settle`. */
  node(all: readonly Member[], path: string): ShapeNode {
    const members = all
      .map(({ schema, decided }) => ({ schema: decided ? schema : referred(schema), decided }))
      .filter(({ schema, decided }) => !isTrivial(schema) || (!decided && inPlace(schema).length > 0));
    const key = [...new Set(members.map(({ schema, decided }) => `${schema.id}${decided ? 'd' : ''}`))]
      .sort()
      .join(' ');
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const most = this.#mode === 'loose' ? schemaBounds.looseCombinations : schemaBounds.combinations;
    if (this.#nodes.size >= most) {
      throw refuse(path, `needs more than ${most} combinations of schemas; send a simpler one`);
    }
    const node: ShapeNode = { path, shapes: [], fillable: false };
    this.#nodes.set(key, node);
    this.#unsettled.push({ node, members });
    return node;
  }

  /** Computes the shapes of all nodes that can be reached, and which nodes a value fits. */
  settle(): void {
    const settled: ShapeNode[] = [];
    for (let next = this.#unsettled.pop(); next !== undefined; next = this.#unsettled.pop()) {
      next.node.shapes = this.#shapes(next.members, next.node.path);
      settled.push(next.node);
    }
    // Starts with nodes that need no other; nodes that are never reached would require themselves without end.
    let open = settled.reverse();
    for (let before = -1; before !== open.length;) {
      before = open.length;
      open = open.filter((node) => !(node.fillable = node.shapes.some(isFillable)));
    }
  }

  #shapes(members: readonly Member[], path: string): ShapeNode['shapes'] {
    return this.#alternatives.of(members).flatMap((way) => {
      const values = this.#valuesOf(way);
      if (values !== null) return [{ kind: 'values' as const, values }];
      const schemas = [...way.schemas];
      if (schemas.some(({ never }) => never)) return [];
      if (this.#mode !== 'loose') {
        const meant = this.#meant(schemas);
        if (meant !== null) schemas.push(meant);
        for (const other of way.others) this.#leaveOutOverlap(schemas, other);
      }
      return shapesOf(schemas, {
        path,
        writable: this.#mode !== 'loose',
        texts: this.#texts,
        leftOut: this.#leftOut,
        node: (children, at) => {
          const full = children.map((schema) => ({ schema, decided: false }));
          return this.node(full, at);
        },
      });
    });
  }

  /** The values of an alternative with listed values; null for any other. */
  #valuesOf({ schemas, others }: Alternative) {
    for (const { values } of schemas) {
      if (values === undefined) continue;
      const fitting = [...values.values()].filter((value) =>
        [...schemas].every((schema) => this.#fits.fitsItself(value, schema)),
      );
      if (this.#mode === 'loose') return fitting;
      return fitting.filter((value) => {
        const other = [...others].find((one) => this.#fits.fits(value, one));
        // A part that was left out may be what distinguishes them.
        if (other !== undefined && this.#mode === 'lenient') this.#leftOut.add(unionOf(other), overlaps);
        return other === undefined || this.#mode === 'lenient';
      });
    }
    return null;
  }

  /** Restricts the types to those of the keywords where no `type` is given. */
  #meant(schemas: readonly Schema[]): Schema | null {
    if (commonTypes(schemas) !== undefined) return null;
    const types = new Set(schemas.flatMap(typesMeant));
    return types.size === 0 ? null : this.#ofTypes(types);
  }

  #ofTypes(types: ReadonlySet<JsonType>): Schema {
    const key = [...types].sort().join(' ');
    const schema = this.#typed.get(key) ?? { id: -1 - this.#typed.size, path: '', types };
    this.#typed.set(key, schema);
    return schema;
  }

  #leaveOutOverlap(schemas: readonly Schema[], other: Schema): void {
    const members = [...schemas.map((schema) => ({ schema, decided: true })), { schema: other, decided: false }];
    if (!this.#areApart(members)) this.#leftOut.add(unionOf(other), overlaps);
  }

  #areApart(members: readonly Member[]): boolean {
    try {
      return this.#loose === null || this.#loose.isEmpty(members);
    } catch (thrown) {
      // When the answer exceeds the bounds, they may overlap.
      if (this.#mode === 'lenient' && isHeadwayError(thrown)) return false;
      throw thrown;
    }
  }

  isEmpty(members: readonly Member[]): boolean {
    const node = this.node(members, members.at(-1)?.schema.path ?? '');
    this.settle();
    return !node.fillable;
  }
}

const overlaps = 'a value may fit more than one of its schemas; distinguish them by type, const or enum, or use anyOf';

/** The path of the `oneOf` that this schema is a branch of. */
function unionOf({ path }: Schema): string {
  return path.replace(/\[\d+\]$/, '');
}

/** Follows a schema that is only a reference, so that all references to a schema are the same. */
function referred(schema: Schema): Schema {
  const { ref } = schema;
  return ref !== undefined && isTrivial(schema) && inPlace(schema).length === 1 ? referred(ref) : schema;
}
