import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { currentSchema } from './fit/current-schema.ts';
import { compileJsonGrammar } from './compile-json-grammar.ts';
import { parseGbnf, writeWith } from './gbnf-grammar.fixture.ts';
import { usualSchemas } from './usual-schemas.fixture.ts';

describe.each(usualSchemas)('$from', ({ schema, leftOut = [] }) => {
  it('compiles to texts that validate, apart from what is left out', () => {
    const grammar = compileJsonGrammar(schema, { lenient: true });
    expect(grammar.leftOut).toEqual(leftOut.map((place) => `schema.${place}`));
    const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 9 });
    addFormats.default(ajv);
    const validate = ajv.compile(currentSchema(schema));
    const rules = parseGbnf(grammar.gbnf);
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })), (stream) => {
        const text = writeWith(rules, () => stream.next().value, 60);
        const valid = validate(JSON.parse(text));
        expect(valid || leftOut.length > 0, `${text} ${JSON.stringify(validate.errors)}`).toBe(true);
      }),
      { numRuns: Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 5) },
    );
  }, 60_000);

  it('with strict is kept in full, or refused by the name of a part', () => {
    let refused: string | null = null;
    try {
      compileJsonGrammar(schema);
    } catch (thrown) {
      refused = (thrown as Error).message.split(': ')[0] ?? '';
    }
    expect(refused).toBe(leftOut[0] === undefined ? null : `schema.${leftOut[0]}`);
  });
});

it('there are at least fifty schemas', () => {
  expect(usualSchemas.length).toBeGreaterThanOrEqual(50);
});
