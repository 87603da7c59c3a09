import { schemaBounds } from '../bounds.ts';
import { NodeContents } from './node-contents.ts';
import { refuse } from '../refuse.ts';
import { isFillable, type ArrayShape, type ObjectShape, type ShapeNode } from './shape.ts';

/** Open parses of one text; a node that several parses have come to counts as often. */
type Parses = readonly ShapeNode[];

/**
 * Refuses schemas by which one text has very many parses that only its end distinguishes: llama.cpp follows all of them
 * for each token. Two kinds of mutually nested arrays double them with each bracket.
 */
export function refuseForks(root: ShapeNode, field: string): void {
  const contents = new NodeContents();
  const ids = new Map<ShapeNode, number>();
  const idOf = (node: ShapeNode) => {
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    return id;
  };
  const seen = new Set<string>();
  let level: Parses[] = [[root]];
  for (let depth = 0; depth < schemaBounds.depth && level.length > 0; depth++) {
    const next: Parses[] = [];
    for (const inner of level.flatMap((parses) => parsesBelow(parses, contents))) {
      if (inner.length > schemaBounds.parses) {
        throw refuse(
          field,
          `a text may be read in more than ${schemaBounds.parses} ways at once; ` +
            'give each schema of its unions a first, required property that differs',
        );
      }
      const key = inner
        .map(idOf)
        .sort((a, b) => a - b)
        .join(' ');
      if (seen.has(key)) continue;
      seen.add(key);
      next.push(inner);
      if (seen.size > schemaBounds.looseCombinations) {
        throw refuse(
          field,
          `needs more than ${schemaBounds.looseCombinations} combinations of schemas; send a simpler one`,
        );
      }
    }
    level = next;
  }
}

/** The parses that may be open at each place one level deeper. */
function parsesBelow(parses: Parses, contents: NodeContents): Parses[] {
  const shapes = parses.flatMap((node) => node.shapes.filter(isFillable));
  const arrays = shapes.filter((shape) => shape.kind === 'array');
  const places = Math.max(...arrays.map(({ prefix }) => prefix.length + 1), 0);
  const items = Array.from({ length: places }, (_, at) =>
    together(
      arrays,
      (shape) => itemAt(shape, at),
      (one, two) => arraysDiffer(one, two, at, contents),
    ),
  );
  const objects = shapes.filter((shape) => shape.kind === 'object');
  const names = new Set(objects.flatMap(({ properties }) => [...properties.keys()]));
  const values = [...names].map((name) =>
    together(
      objects,
      ({ properties, extra }) => properties.get(name)?.node ?? extra,
      (one, two) => objectsDiffer(one, two, name, contents),
    ),
  );
  const extras = together(
    objects,
    ({ extra }) => extra,
    () => false,
  );
  return [...items, ...values, extras].flat();
}

/** For each shape, the next nodes of itself and of the shapes that nothing has distinguished from it so far. */
function together<S>(
  shapes: readonly S[],
  goOn: (shape: S) => ShapeNode | null,
  differ: (one: S, two: S) => boolean,
): Parses[] {
  const open = shapes.flatMap((shape) => {
    const node = goOn(shape);
    return node?.fillable ? [{ shape, node }] : [];
  });
  return open.map(({ shape }) =>
    open.filter((other) => other.shape === shape || !differ(shape, other.shape)).map(({ node }) => node),
  );
}

function itemAt({ prefix, rest }: ArrayShape, at: number): ShapeNode | null {
  return prefix[at] ?? rest;
}

/** Whether an item before this index distinguishes them. */
function arraysDiffer(one: ArrayShape, two: ArrayShape, end: number, contents: NodeContents): boolean {
  for (let at = 0; at < end; at++) {
    const [left, right] = [itemAt(one, at), itemAt(two, at)];
    if (left !== null && right !== null && contents.differ(left, right)) return true;
  }
  return false;
}

/** Whether a property that must come before this one distinguishes them. */
function objectsDiffer(one: ObjectShape, two: ObjectShape, name: string, contents: NodeContents): boolean {
  const differs = (left: ObjectShape, right: ObjectShape) => {
    for (const [before, { node, required }] of left.properties) {
      if (before === name) return false;
      if (!required) continue;
      const other = right.properties.get(before);
      const end = right.properties.get(name);
      if (other !== undefined && (end === undefined || other.place < end.place)) {
        if (contents.differ(node, other.node)) return true;
      } else if (end !== undefined) {
        // One shape must have written this property by now, and the other cannot have.
        return true;
      }
    }
    return false;
  };
  return differs(one, two) || differs(two, one);
}
