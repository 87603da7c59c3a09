import { isHeadwayError } from '@headway/protocol';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { compileJsonGrammar, type JsonGrammar } from './compile-json-grammar.ts';
import { currentSchema } from './fit/current-schema.ts';
import { parseGbnf, writeWith } from './gbnf-grammar.fixture.ts';

const keywords = (
  'type enum const properties required additionalProperties items prefixItems minItems maxItems minLength maxLength ' +
  'minimum maximum anyOf oneOf $ref $defs format title allOf not pattern patternProperties exclusiveMinimum made-up ' +
  'exclusiveMaximum multipleOf nullable propertyNames uniqueItems additionalItems if contains discriminator'
).split(' ');

/** Objects that resemble schemas: each keyword with a value of its kind, or sometimes of another. */
const input = fc.letrec<{ schema: unknown; any: unknown }>((tie) => {
  const schemas = fc.array(tie('schema'), { maxLength: 3 });
  const named = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'toString', 'é"'), tie('schema'), { maxKeys: 3 });
  const count = fc.oneof(fc.nat(4), fc.constantFrom(-1, 1.5, 1_001, 1e300));
  const own: Record<string, fc.Arbitrary<unknown>> = {
    type: fc.oneof(fc.constantFrom('string', 'integer', 'number', 'object', 'array', 'null', 'int')),
    enum: fc.array(tie('any'), { maxLength: 3 }),
    const: tie('any'),
    properties: named,
    $defs: named,
    required: fc.array(fc.constantFrom('a', 'b', 'toString', '__proto__'), { maxLength: 2 }),
    additionalProperties: tie('schema'),
    items: fc.oneof(tie('schema'), schemas),
    prefixItems: schemas,
    anyOf: schemas,
    oneOf: schemas,
    allOf: schemas,
    $ref: fc.constantFrom('#', '#/$defs/a', '#/properties/a', '#/items', '#/none', 'other', '#/%'),
    format: fc.constantFrom('date', 'time', 'date-time', 'email', 'uuid', 'ipv4', 'int32', 'color'),
    pattern: fc.constantFrom('^a', 'b$', '^[a-c]{2}$', '(', '(a)\\1', '^(?!a).+', '\\d', '^$'),
    multipleOf: fc.constantFrom(1, 2, 0.5, 0, 1e-20, 'a', 10),
    nullable: fc.boolean(),
    exclusiveMinimum: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.boolean()),
    exclusiveMaximum: fc.oneof(fc.integer({ min: -3, max: 30 }), fc.boolean()),
    propertyNames: fc.oneof(tie('schema'), fc.constant({ enum: ['a', 'b'] })),
    not: tie('schema'),
    if: tie('schema'),
    contains: tie('schema'),
    additionalItems: tie('schema'),
    uniqueItems: fc.boolean(),
    discriminator: fc.constant({ propertyName: 'a' }),
  };
  const keyword = fc.constantFrom(...keywords).chain((name) => {
    const fitting = own[name] ?? (name.startsWith('m') ? count : tie('any'));
    return fc
      .oneof({ weight: 9, arbitrary: fitting }, { weight: 1, arbitrary: tie('any') })
      .map((value) => [name, value]);
  });
  return {
    schema: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 1, arbitrary: fc.boolean() },
      {
        weight: 6,
        arbitrary: fc.array(keyword, { maxLength: 3 }).map((entries) => Object.fromEntries(entries) as unknown),
      },
    ),
    any: fc.jsonValue({ maxDepth: 2 }),
  };
}).schema;

function compiled(schema: unknown, lenient: boolean): JsonGrammar | null {
  try {
    return compileJsonGrammar(schema, { lenient });
  } catch (error) {
    if (isHeadwayError(error) && error.code === 'invalid-request' && /^schema.*: \S/.test(error.message)) return null;
    throw error;
  }
}

function validator(schema: unknown) {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, inlineRefs: false, multipleOfPrecision: 9 });
  addFormats.default(ajv);
  return ajv.compile(currentSchema(schema));
}

it('refuses any input by its place, or compiles it to a grammar of JSON that validates', () => {
  const seen = { refused: 0, strict: 0, lenient: 0, whole: 0 };
  fc.assert(
    fc.property(input, fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })), (schema, stream) => {
      const write = (gbnf: string) => JSON.parse(writeWith(parseGbnf(gbnf), () => stream.next().value, 40)) as unknown;
      const lenient = compiled(schema, true);
      if (lenient !== null) {
        const value = write(lenient.gbnf);
        seen.lenient++;
        if (lenient.leftOut.length === 0) {
          const whole = validator(schema)(value);
          if (!whole) throw new Error(`wrote ${JSON.stringify(value)}`);
          seen.whole++;
        }
      }
      const strict = compiled(schema, false);
      if (strict === null) {
        seen.refused++;
        return;
      }
      expect(strict.leftOut).toEqual([]);
      const validate = validator(schema);
      const value = write(strict.gbnf);
      expect(validate(value), `wrote ${JSON.stringify(value)}`).toBe(true);
      seen.strict++;
    }),
    { numRuns: 5 * (fc.readConfigureGlobal().numRuns ?? 100) },
  );
  expect(Math.min(seen.refused, seen.strict, seen.lenient, seen.whole)).toBeGreaterThan(10);
}, 300_000);
