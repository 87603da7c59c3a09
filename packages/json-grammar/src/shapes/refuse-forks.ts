import { schemaBounds } from '../bounds.ts';
import { NodeContents } from './node-contents.ts';
import { refuse } from '../refuse.ts';
import { isFillable, type ArrayShape, type ObjectShape, type ShapeNode } from './shape.ts';

/** Readings of one text that are open at the same time; a node that several have come to counts as often. */
type Readings = readonly ShapeNode[];

/**
 * Refuses schemas of which one text has very many readings that only its end would tell apart: llama.cpp follows all of
 * them for each token. Two kinds of arrays of each other are enough to double them with each bracket.
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
  let level: Readings[] = [[root]];
  for (let depth = 0; depth < schemaBounds.depth && level.length > 0; depth++) {
    const next: Readings[] = [];
    for (const inner of level.flatMap((readings) => readingsWithin(readings, contents))) {
      if (inner.length > schemaBounds.readings) {
        throw refuse(
          field,
          `a text may be read in more than ${schemaBounds.readings} ways at once; ` +
            'let what its unions are of differ in a property that is required and comes first',
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

/** What may be open at each place one level further in. */
function readingsWithin(readings: Readings, contents: NodeContents): Readings[] {
  const shapes = readings.flatMap((node) => node.shapes.filter(isFillable));
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

/** For each shape, itself and those that nothing has told apart from it by then: the nodes that they go on with. */
function together<S>(
  shapes: readonly S[],
  goOn: (shape: S) => ShapeNode | null,
  differ: (one: S, two: S) => boolean,
): Readings[] {
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

/** Whether an item before this place has told them apart. */
function arraysDiffer(one: ArrayShape, two: ArrayShape, end: number, contents: NodeContents): boolean {
  for (let at = 0; at < end; at++) {
    const [left, right] = [itemAt(one, at), itemAt(two, at)];
    if (left !== null && right !== null && contents.differ(left, right)) return true;
  }
  return false;
}

/** Whether a property that must be written before this one has told them apart. */
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
        // It has written this one by now, and cannot have written the other.
        return true;
      }
    }
    return false;
  };
  return differs(one, two) || differs(two, one);
}
