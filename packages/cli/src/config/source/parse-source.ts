import type { FieldPath } from '@headway/protocol';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';

import type { ConfigProblem } from './config-problem.ts';
import { jsonFault } from './json-fault.ts';
import { syntaxFaults } from './syntax-fault.ts';

/** A config file's content, and where its fields stand. */
export interface ConfigSource {
  value: unknown;
  /** Faults of the syntax; with any, `value` is not to be used. */
  problems: ConfigProblem[];
  locate: Locate;
}

/**
 * The line and column of a field's value, or with `atName` of its name; of the object around a field that is missing. Empty
 * where nobody can tell.
 */
export type Locate = (field: { path: FieldPath; atName?: boolean }) => Pick<ConfigProblem, 'line' | 'column'>;

/** The most times that aliases may repeat parts of a file. */
const mostAliases = 100;

/** Parses YAML, or JSON, which YAML contains. It never throws, and no message repeats the text. */
export function parseSource(source: string, { json }: { json: boolean }): ConfigSource {
  const text = source.replace(/^\ufeff/, '');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? {} : { line, column: col };
  };
  const fault = (message: string, offset: number) => ({ path: [], message, ...at(offset) });
  const faults = [...document.errors, ...document.warnings].map(({ code, pos }) => fault(syntaxFaults[code], pos[0]));
  if (faults.length > 0) return { value: null, problems: faults, locate: () => ({}) };
  const odd = json ? jsonFault(text, document) : null;
  if (odd !== null) return { value: null, problems: [fault(odd.message, odd.offset)], locate: () => ({}) };
  try {
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    return { value, problems: [], locate: ({ path, atName = false }) => at(offsetOf(document, path, atName)) };
  } catch {
    // The document itself is sound, so only an alias can fail: one without its anchor, or one too many.
    const message = 'an alias (*name) stands before its anchor, names none, or repeats too much; write the values out';
    return { value: null, problems: [fault(message, aliasOffset(document))], locate: () => ({}) };
  }
}

/** The offset of a field's value; of the name where the value is empty; of the object around it where it is missing. */
function offsetOf(document: Document, path: FieldPath, atName: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    const inside: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isSeq(inside) && typeof step === 'number') node = inside.items[step];
    else if (isMap(inside)) {
      const pair = inside.items.find(({ key }) => isScalar(key) && key.value === step);
      const last = depth === path.length - 1;
      offset = startOf(pair?.key) ?? offset;
      // A whole object or list is too much to point at: its name says more.
      node = last && (atName || !isScalar(pair?.value)) ? undefined : pair?.value;
    } else return offset;
    offset = startOf(node) ?? offset;
    if (node === undefined || node === null) return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0];
}

function aliasOffset(document: Document): number {
  let offset = 0;
  const search = (node: unknown): boolean => {
    if (isAlias(node)) {
      offset = node.range?.[0] ?? 0;
      return node.resolve(document) === undefined;
    }
    if (isSeq(node)) return node.items.some(search);
    return isMap(node) && node.items.some(({ value }) => search(value));
  };
  search(document.contents);
  return offset;
}
