import { schemaBounds } from '../bounds.ts';
import { refuse } from '../refuse.ts';
import { isTrivial, justNull, type JsonType, type Schema } from '../schema/schema.ts';

/** One way to fit some schemas: its schemas hold by their own keywords, with all unions decided. */
export interface Alternative {
  readonly schemas: ReadonlySet<Schema>;
  /** The branches of each `oneOf` that were not taken; none of them may fit. */
  readonly others: ReadonlySet<Schema>;
}

/** A schema that must hold: in full, or by its own keywords only when its unions are decided. */
export interface Member {
  readonly schema: Schema;
  readonly decided: boolean;
}

const trivial: Alternative = { schemas: new Set(), others: new Set() };

/** Finds the ways to fit schemas, once for each schema. */
export class Alternatives {
  readonly #known = new Map<Schema, Alternative[]>();

  /** All ways to fit all members, without those that no type fits. Throws when there are too many. */
  of(members: Iterable<Member>): Alternative[] {
    let ways = [trivial];
    for (const { schema, decided } of members) {
      ways = both(ways, decided ? [itself(schema)] : this.#waysToFit(schema), schema);
    }
    return ways;
  }

  #waysToFit(schema: Schema): Alternative[] {
    const known = this.#known.get(schema);
    if (known !== undefined) return known;
    const { ref, allOf = [], anyOf, oneOf } = schema;
    let ways = [itself(schema)];
    for (const all of ref === undefined ? allOf : [ref, ...allOf]) ways = both(ways, this.#waysToFit(all), schema);
    if (anyOf !== undefined) {
      const any = anyOf.flatMap((branch) => this.#waysToFit(branch));
      ways = both(ways, any, schema);
    }
    if (oneOf !== undefined) {
      const one = oneOf.flatMap((branch) => {
        const others = oneOf.filter((other) => other !== branch);
        return this.#waysToFit(branch).map((way) => ({ ...way, others: new Set([...way.others, ...others]) }));
      });
      ways = both(ways, one, schema);
    }
    if (schema.nullable) ways = [...ways, itself(justNull)];
    this.#known.set(schema, ways);
    return ways;
  }
}

function itself(schema: Schema): Alternative {
  return isTrivial(schema) ? trivial : { schemas: new Set([schema]), others: new Set() };
}

function both(left: readonly Alternative[], right: readonly Alternative[], { path }: Schema): Alternative[] {
  const ways = new Map<string, Alternative>();
  for (const one of left) {
    for (const two of right) {
      const schemas = new Set([...one.schemas, ...two.schemas]);
      if (commonTypes(schemas)?.size === 0) continue;
      const others = new Set([...one.others, ...two.others]);
      ways.set(`${idsOf(schemas)}/${idsOf(others)}`, { schemas, others });
      if (ways.size > schemaBounds.alternatives) {
        throw refuse(path, `has more than ${schemaBounds.alternatives} ways to fit it; use fewer unions`);
      }
    }
  }
  return [...ways.values()];
}

/** A key for a set of schemas, independent of their order. */
export function idsOf(schemas: Iterable<Schema>): string {
  return [...schemas]
    .map(({ id }) => id)
    .sort((a, b) => a - b)
    .join(' ');
}

/** The types that all schemas allow; undefined where none of them restricts types. */
export function commonTypes(schemas: Iterable<Schema>): ReadonlySet<JsonType> | undefined {
  let common: Set<JsonType> | undefined;
  for (const { types } of schemas) {
    if (types !== undefined) common = new Set([...types].filter((type) => common?.has(type) ?? true));
  }
  return common;
}
