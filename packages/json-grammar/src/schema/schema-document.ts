import { schemaBounds } from '../bounds.ts';
import { tooDeep } from './check-size.ts';
import { readKeywords } from './read-keywords.ts';
import { refuse, schemaPath, type Step } from '../refuse.ts';
import { inPlace, type Schema } from './schema.ts';
import { isRecord } from '../json-value.ts';
import type { LeftOut } from '../left-out.ts';
import type { Texts } from './texts.ts';

export interface DocumentOptions {
  /** The request's field that holds the document, for errors. */
  field: string;
  texts: Texts;
  leftOut: LeftOut;
}

/** The schemas of one document. Each is read once, however many references there are. */
export class SchemaDocument {
  readonly #root: unknown;
  readonly #options: DocumentOptions;
  readonly #schemas = new Map<string, Schema>();
  /** Schemas to read. A list, as a chain of references may be longer than the stack. */
  readonly #unread: (() => void)[] = [];

  constructor(root: unknown, options: DocumentOptions) {
    this.#root = root;
    this.#options = options;
  }

  /** Whether the schema must be kept in full. */
  get strict(): boolean {
    return this.#options.leftOut.strict;
  }

  get texts(): Texts {
    return this.#options.texts;
  }

  /** Reads all schemas that the root reaches. Throws for the first fault. */
  read(): Schema {
    const root = this.schemaAt([], this.#root, 1);
    for (let read = this.#unread.pop(); read !== undefined; read = this.#unread.pop()) read();
    this.#refuseLoops();
    return root;
  }

  pathOf(steps: readonly Step[]): string {
    return schemaPath(this.#options.field, steps);
  }

  /** Leaves a part out, or throws when strict. */
  leaveOut(steps: readonly Step[], fault: string): void {
    this.#options.leftOut.add(this.pathOf(steps), fault);
  }

  schemaAt(steps: readonly Step[], raw: unknown, depth: number): Schema {
    const key = JSON.stringify(steps.map(String));
    const known = this.#schemas.get(key);
    if (known !== undefined) return known;
    const schema: Schema = { id: this.#schemas.size, path: this.pathOf(steps) };
    this.#schemas.set(key, schema);
    if (depth > schemaBounds.depth) throw refuse(this.#options.field, tooDeep);
    if (raw === false) schema.never = true;
    else if (isRecord(raw)) this.#unread.push(() => readKeywords(schema, raw, { document: this, steps, depth }));
    else if (raw !== true) this.leaveOut(steps, 'must be a schema: an object, true or false');
    return schema;
  }

  /** A schema of integers in a range; it does not constrain other types. */
  integers(steps: readonly Step[], [minimum, maximum]: readonly [number, number]): Schema {
    const schema: Schema = { id: this.#schemas.size, path: this.pathOf(steps), integer: true, minimum, maximum };
    this.#schemas.set(JSON.stringify([...steps.map(String), 'integers']), schema);
    return schema;
  }

  /** The target of a `$ref`, or null where it leads nowhere. */
  target(ref: string): Schema | null {
    let pointer: string;
    try {
      pointer = decodeURIComponent(ref.slice(1));
    } catch {
      return null;
    }
    if (!ref.startsWith('#') || !(pointer === '' || pointer.startsWith('/'))) return null;
    const steps: Step[] = [];
    let raw = this.#root;
    for (const token of pointer.split('/').slice(1)) {
      const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
      if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, name)) return null;
      if (Array.isArray(raw) && !/^\d+$/.test(name)) return null;
      steps.push(Array.isArray(raw) ? Number(name) : name);
      raw = (raw as Record<string, unknown>)[name];
    }
    return this.schemaAt(steps, raw, 1 + Math.floor(steps.length / 2));
  }

  /** Refuses a schema that refers to itself for the same value: a validator would not end. */
  #refuseLoops(): void {
    const done = new Set<Schema>();
    const open = new Set<Schema>();
    const visit = (schema: Schema): void => {
      if (done.has(schema)) return;
      if (open.has(schema)) {
        throw refuse(schema.path, 'refers to itself without a property or an item between; break the circle');
      }
      open.add(schema);
      if (open.size > schemaBounds.depth) {
        throw refuse(
          schema.path,
          `is behind more than ${schemaBounds.depth} references in a row; refer to it directly`,
        );
      }
      inPlace(schema).forEach(visit);
      open.delete(schema);
      done.add(schema);
    };
    for (const schema of this.#schemas.values()) visit(schema);
  }
}
