import { checkSize } from './schema/check-size.ts';
import { refuseForks } from './shapes/refuse-forks.ts';
import { LeftOut } from './left-out.ts';
import { refuse } from './refuse.ts';
import { SchemaDocument } from './schema/schema-document.ts';
import { ShapeGraph } from './shapes/shape-graph.ts';
import { isFillable, type ShapeNode } from './shapes/shape.ts';
import { Texts } from './schema/texts.ts';
import { writeGrammar } from './write/write-grammar.ts';

export interface JsonGrammarOptions {
  /** The field that holds the schema; errors begin with it. @default 'schema' */
  field?: string;
  /**
   * Leaves out what cannot be kept instead of refusing it. The bounds of the whole schema still hold. @default false
   */
  lenient?: boolean;
  /** Text that follows the value. @default '' */
  suffix?: string;
}

export interface JsonGrammar {
  /** Rules in GBNF; `root` is the first. */
  gbnf: string;
  /** Paths of the schema's parts that the grammar does not keep. */
  leftOut: string[];
}

/**
 * Compiles a schema (draft 2020-12, or the older forms of earlier drafts and OpenAPI 3.0) to a grammar whose every text
 * is JSON that fits it, apart from what is left out. No schema, `{}` and `true` allow any JSON, `{ type: 'object' }`
 * any object.
 *
 * @throws HeadwayError `invalid-request`, with the place in the schema and the remedy, for a keyword that cannot be
 * kept, for a schema that no value fits, and beyond `schemaBounds`
 */
export function compileJsonGrammar(
  schema: unknown,
  { field = 'schema', lenient = false, suffix = '' }: JsonGrammarOptions = {},
): JsonGrammar {
  const raw = schema === undefined ? true : schema;
  checkSize(raw, field);
  const texts = new Texts();
  const leftOut = new LeftOut({ strict: !lenient });
  const graph = new ShapeGraph(lenient ? 'lenient' : 'writable', { texts, leftOut });
  const document = new SchemaDocument(raw, { field, texts, leftOut });
  const root = graph.node([{ schema: document.read(), decided: false }], field);
  graph.settle();
  if (!root.fillable) throw unfillable(root);
  refuseForks(root, field);
  return { gbnf: writeGrammar(root, { field, suffix }), leftOut: leftOut.paths };
}

/** Names the innermost required place that no value fits. */
function unfillable(root: ShapeNode) {
  const seen = new Set([root]);
  for (const node of seen) {
    if (node.shapes.length === 0 || node.shapes.every((shape) => shape.kind === 'values' && !isFillable(shape))) {
      return refuse(node.path, 'no value fits it: its keywords contradict one another; remove one of them');
    }
    for (const shape of node.shapes) {
      const needed = shape.kind === 'object' ? [...shape.properties.values()].filter(({ required }) => required) : [];
      for (const { node: child } of needed) if (!child.fillable) seen.add(child);
      if (shape.kind !== 'array') continue;
      for (const child of [...shape.prefix, ...(shape.rest === null ? [] : [shape.rest])]) {
        if (!child.fillable) seen.add(child);
      }
    }
  }
  return refuse(root.path, 'no value fits it: it requires itself without end; make a property optional, or allow null');
}
