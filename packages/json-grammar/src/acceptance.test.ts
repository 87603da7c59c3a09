import { isHeadwayError } from '@headway/protocol';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { compileJsonGrammar } from './compile-json-grammar.ts';
import { parseGbnf, readWith } from './gbnf-grammar.fixture.ts';

// Three times a property's runs: all of them in a soak, a tenth otherwise.
const schemas = 3 * (fc.readConfigureGlobal().numRuns ?? 100);

const declared = ['a', 'ab', 'b'];
const names = [...declared, 'bc', 'z'];
const simple = [null, true, 0, 1, 2, 7, -3, 10, 2.5, '', 'a', 'bc', 'é😀', [], {}];

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { weight: 3, arbitrary: fc.constantFrom<unknown>(...simple) },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.subarray(names), fc.array(tie('value'), { minLength: names.length, maxLength: names.length }))
        .map(([some, values]) => Object.fromEntries(some.map((name, at) => [name, values[at]]))),
    },
  ),
})).value;

interface Schema {
  type?: string;
  enum?: unknown[];
  $ref?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  prefixItems?: Schema[];
  items?: Schema;
}

/** Schemas that decide for every name and item whether it is allowed, so that the grammar leaves nothing out. */
const exactSchema = fc
  .letrec<{ schema: Record<string, unknown> }>((tie) => {
    const inner = tie('schema');
    const bounds = (least: string, most: string, low: number, high: number) =>
      fc
        .tuple(fc.integer({ min: low, max: high }), fc.nat(4))
        .map(([from, more]) => ({ [least]: from, [most]: from + more }));
    return {
      schema: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        {
          weight: 2,
          arbitrary: fc.constantFrom('null', 'boolean', 'number', 'string', 'object').map((type) => ({ type })),
        },
        { weight: 1, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.array(value, { minLength: 1, maxLength: 4 }).map((list) => ({ enum: list })) },
        { weight: 1, arbitrary: bounds('minimum', 'maximum', -5, 5).map((range) => ({ type: 'integer', ...range })) },
        { weight: 1, arbitrary: bounds('minLength', 'maxLength', 0, 2).map((range) => ({ type: 'string', ...range })) },
        {
          weight: 3,
          arbitrary: fc
            .tuple(fc.subarray(declared), fc.array(inner, { minLength: 3, maxLength: 3 }), fc.subarray(declared), inner)
            .map(([some, inners, required, additionalProperties]) => ({
              type: 'object',
              properties: Object.fromEntries(some.map((name, at) => [name, inners[at]])),
              required: required.filter((name) => some.includes(name)),
              additionalProperties,
            })),
        },
        {
          weight: 2,
          arbitrary: fc
            .tuple(fc.array(inner, { minLength: 1, maxLength: 2 }), inner, bounds('minItems', 'maxItems', 0, 2))
            .map(([prefixItems, items, range]) => ({ type: 'array', prefixItems, items, ...range })),
        },
        { weight: 1, arbitrary: fc.array(inner, { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })) },
        { weight: 1, arbitrary: fc.array(inner, { minLength: 2, maxLength: 3 }).map((oneOf) => ({ oneOf })) },
        { weight: 1, arbitrary: fc.constant({ $ref: '#/$defs/list' }) },
      ),
    };
  })
  .schema.map((root): Schema & { $defs: unknown } => ({
    ...root,
    $defs: { list: { type: 'array', items: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/list' }] } } },
  }));

/** A document that probably fits, with names in the schema's order. */
function guess(schema: Schema, draw: () => number): unknown {
  const one = <T>(list: readonly T[]): T | undefined => list[draw() % list.length];
  if (draw() % 20 === 0) return one(simple);
  const { anyOf, oneOf, enum: list, $ref, type, properties = {}, additionalProperties = {} } = schema;
  const branches = anyOf ?? oneOf;
  if (branches !== undefined) return guess(one(branches) ?? {}, draw);
  if (list !== undefined) return one(list);
  if ($ref !== undefined) return one([[], [null], [[], null], [[[null]]], [1]]);
  if (type === 'object') {
    const entries = Object.entries(properties).filter(() => draw() % 4 > 0);
    const others = ['bc', 'z', 'abc']
      .filter(() => draw() % 4 === 0)
      .map((name) => [name, additionalProperties] as const);
    return Object.fromEntries([...entries, ...others].map(([name, inner]) => [name, guess(inner, draw)]));
  }
  if (type === 'array') {
    const { prefixItems = [], items = {} } = schema;
    return Array.from({ length: draw() % 6 }, (_, at) => guess(prefixItems[at] ?? items, draw));
  }
  if (type === 'integer') return (draw() % 16) - 7;
  const fitting = simple.filter((item) => type === (item === null ? 'null' : typeof item));
  return type === undefined ? one(simple) : one(fitting);
}

it("accepts exactly the documents that validate and have their names in the schema's order", () => {
  const seen = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(exactSchema, fc.infiniteStream(fc.nat(999)), (drawn, stream) => {
      let gbnf: string;
      try {
        ({ gbnf } = compileJsonGrammar(drawn));
      } catch (error) {
        if (isHeadwayError(error) && /nothing fits|more than one/.test(error.message)) return;
        throw error;
      }
      const validate = new Ajv2020({ strict: false }).compile(drawn);
      const grammar = parseGbnf(gbnf);
      for (let count = 0; count < 20; count++) {
        const document = guess(drawn, () => stream.next().value);
        const text = JSON.stringify(document);
        const valid = validate(document);
        seen[valid ? 'valid' : 'invalid']++;
        expect(readWith(grammar, text).accepted, `${text} ${JSON.stringify(drawn)}`).toBe(valid);
      }
    }),
    { numRuns: schemas },
  );
  expect(seen.valid).toBeGreaterThan(5 * schemas);
  expect(seen.invalid).toBeGreaterThan(5 * schemas);
}, 300_000);
