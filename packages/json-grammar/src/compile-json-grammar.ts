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
  /** The field that the schema came in; errors begin with it. @default 'schema' */
  field?: string;
  /** Leaves out what cannot be kept, where otherwise it would be refused by name. Bounds of the whole hold. @default false */
  lenient?: boolean;
  /** Text that the answer has after the value, as it stands. @default '' */
  suffix?: string;
}

export interface JsonGrammar {
  /** Rules in llama.cpp's form; `root` is the first. */
  gbnf: string;
  /** Where in the schema something stands that they do not keep. */
  leftOut: string[];
}

/**
 * A grammar whose every text is JSON that fits the schema (draft 2020-12, and what earlier ones and OpenAPI 3.0 write in
 * other words), but for what is left out. No schema, `{}` and `true` allow any JSON, `{ type: 'object' }` any object. Throws `invalid-request`, with the place in the schema and the remedy, for a keyword
 * that cannot be kept, for a schema that nothing fits, and beyond `schemaBounds`.
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

/** Names the place that nothing fits, down through what is required. */
function unfillable(root: ShapeNode) {
  const seen = new Set([root]);
  for (const node of seen) {
    if (node.shapes.length === 0 || node.shapes.every((shape) => shape.kind === 'values' && !isFillable(shape))) {
      return refuse(node.path, 'nothing fits it: its keywords contradict one another; remove one of them');
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
  return refuse(root.path, 'nothing fits it: it requires itself without end; make a property optional, or allow null');
}
