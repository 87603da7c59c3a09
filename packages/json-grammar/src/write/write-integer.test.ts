import fc from 'fast-check';
import { expect, it } from 'vitest';

import { compileJsonGrammar } from '../compile-json-grammar.ts';
import { parseGbnf, readWith } from '../gbnf-grammar.fixture.ts';

const bound = fc.oneof(
  fc.integer({ min: -120, max: 120 }),
  fc.maxSafeInteger(),
  fc.nat(12).map((digits) => 10 ** digits),
  fc.nat(12).map((digits) => 1 - 10 ** digits),
);

it('accepts exactly the integers between two bounds', () => {
  fc.assert(
    fc.property(bound, bound, fc.array(bound, { maxLength: 5 }), (one, two, others) => {
      const [minimum, maximum] = [Math.min(one, two), Math.max(one, two)];
      const grammar = parseGbnf(compileJsonGrammar({ type: 'integer', minimum, maximum }).gbnf);
      for (const value of [minimum - 1, minimum, minimum + 1, maximum - 1, maximum, maximum + 1, ...others]) {
        if (!Number.isSafeInteger(value)) continue;
        const fits = value >= minimum && value <= maximum;
        expect(readWith(grammar, String(BigInt(value))).accepted, `${value} in ${minimum} to ${maximum}`).toBe(fits);
      }
    }),
  );
});
