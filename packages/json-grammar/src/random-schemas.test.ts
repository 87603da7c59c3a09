import { isHeadwayError } from '@headway/protocol';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { compileJsonGrammar } from './compile-json-grammar.ts';
import { parseGbnf, readWith, writeWith } from './gbnf-grammar.fixture.ts';
import { randomSchema, type RawSchema } from './random-schema.fixture.ts';

// Three times a property's runs: all of them in a soak, a tenth otherwise.
const schemas = 3 * (fc.readConfigureGlobal().numRuns ?? 100);
const textsOfEach = 8;

/** The grammar, or null for a schema that the compiler refuses for one of the fixture's reasons. */
function compiled(schema: RawSchema): string | null {
  try {
    return compileJsonGrammar(schema).gbnf;
  } catch (error) {
    if (
      isHeadwayError(error) &&
      /no value fits it|fit more than one|ways to fit|too large for a grammar|leaves no number|is beyond/.test(
        error.message,
      )
    )
      return null;
    throw error;
  }
}

it('grammars of random schemas allow only JSON that validates', () => {
  let written = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      randomSchema,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })),
      (schema, stream) => {
        const gbnf = compiled(schema);
        if (gbnf === null) {
          refused++;
          return;
        }
        const validate = validator(schema);
        const grammar = parseGbnf(gbnf);
        for (let count = 0; count < textsOfEach; count++) {
          const text = writeWith(grammar, () => stream.next().value, 10 * (count + 1));
          const value: unknown = JSON.parse(text);
          expect(validate(value), `${text} ${JSON.stringify(validate.errors)}`).toBe(true);
          expect(readWith(grammar, text).accepted).toBe(true);
          written++;
        }
      },
    ),
    { numRuns: schemas },
  );
  expect(written).toBeGreaterThan(schemas * textsOfEach * 0.8);
  expect(refused).toBeGreaterThan(0);
}, 300_000);

function validator(schema: RawSchema) {
  const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 9 });
  addFormats.default(ajv);
  return ajv.compile(schema);
}
