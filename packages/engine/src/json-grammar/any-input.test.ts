import { isHeadwayError } from '@headway/protocol';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { compileJsonGrammar } from './compile-json-grammar.ts';
import { parseGbnf, writeWith } from './gbnf-grammar.fixture.ts';

const keywords = (
  'type enum const properties required additionalProperties items prefixItems minItems maxItems minLength maxLength ' +
  'minimum maximum anyOf oneOf $ref $defs format title allOf not pattern patternProperties exclusiveMinimum made-up'
).split(' ');

/** Objects that look like schemas: each keyword with a value of its own, now and then of another. */
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
    format: fc.constantFrom('date', 'time', 'date-time', 'email'),
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

function compiled(schema: unknown, lenient: boolean): string | null {
  try {
    return compileJsonGrammar(schema, { lenient }).gbnf;
  } catch (error) {
    if (isHeadwayError(error) && error.code === 'invalid-request' && /^schema.*: \S/.test(error.message)) return null;
    throw error;
  }
}

it('refuses whatever it is given by its place, or makes a grammar of JSON that validates', () => {
  const seen = { refused: 0, strict: 0, lenient: 0 };
  fc.assert(
    fc.property(input, fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })), (schema, stream) => {
      const write = (gbnf: string) => JSON.parse(writeWith(parseGbnf(gbnf), () => stream.next().value, 40)) as unknown;
      const lenient = compiled(schema, true);
      if (lenient !== null) {
        write(lenient);
        seen.lenient++;
      }
      const strict = compiled(schema, false);
      if (strict === null) {
        seen.refused++;
        return;
      }
      const ajv = new Ajv2020({ strict: false, validateSchema: false });
      addFormats.default(ajv);
      const validate = ajv.compile(schema as object);
      const value = write(strict);
      expect(validate(value), `wrote ${JSON.stringify(value)}`).toBe(true);
      seen.strict++;
    }),
    { numRuns: 5 * (fc.readConfigureGlobal().numRuns ?? 100) },
  );
  expect(Math.min(seen.refused, seen.strict, seen.lenient)).toBeGreaterThan(10);
}, 300_000);
