import fc from 'fast-check';
import { expect, it } from 'vitest';

import { GbnfRules } from '../gbnf-rules.ts';
import { parseGbnf, readWith, writeWith } from '../gbnf-grammar.fixture.ts';
import { commonMultiples } from './decimal.ts';
import { numberAutomaton } from './number-automaton.ts';
import { defineAutomaton } from './write-automaton.ts';

const runs = fc.readConfigureGlobal().numRuns ?? 100;

const bound = fc.oneof(
  fc.constantFrom(0, 0.1, 0.30000000000000004, 1e-7, 12.5, 99.99, 1e14, -3.4028234663852886e38, 1.7976931348623157e308),
  fc.integer({ min: -120, max: 120 }),
  fc.double({ min: -1_000, max: 1_000, noNaN: true }),
  fc.integer({ min: -50_000, max: 50_000 }).map((hundredths) => hundredths / 100),
);

const near = fc
  .tuple(bound, fc.constantFrom(0, 1, -1, 0.1, -0.01, 0.001))
  .map(([one, more]) => Number((one + more).toFixed(4)));

it('accepts exactly the numbers within bounds that have few digits', () => {
  const seen = { in: 0, out: 0, written: 0 };
  fc.assert(
    fc.property(
      fc.record({
        integer: fc.boolean(),
        bounds: fc.tuple(fc.option(bound), fc.option(bound)),
        above: fc.boolean(),
        below: fc.boolean(),
        multiple: fc.option(fc.constantFrom(1, 2, 5, 7, 0.5, 0.01, 0.25, 10, 1.5)),
      }),
      fc.array(near, { minLength: 8, maxLength: 8 }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true })),
      ({ integer, bounds: [one, two], above, below, multiple }, values, stream) => {
        const [minimum, maximum] =
          one !== null && two !== null && one > two ? [two, one] : [one ?? -Infinity, two ?? Infinity];
        const multiples = multiple === null ? null : commonMultiples([multiple]);
        const first = numberAutomaton({ integer, minimum, maximum, above, below, multiples });
        const fits = (value: number) =>
          (above ? value > minimum : value >= minimum) &&
          (below ? value < maximum : value <= maximum) &&
          (!integer || Number.isInteger(value)) &&
          (multiple === null || Number.isInteger(Number((value / multiple).toFixed(6))));
        const rules = new GbnfRules('schema');
        const root = rules.reserve('root');
        if (first === null) {
          const missed = values.filter((value) => Math.abs(value) < 1e12 && fits(value));
          if (missed.length > 0) throw new Error(`nothing is written, and ${missed.join()} fits`);
          return;
        }
        rules.fill(root, defineAutomaton(rules, 'digits', first));
        const grammar = parseGbnf(rules.toString());
        for (const value of values) {
          const text = String(value);
          if (/e/.test(text)) continue;
          if (text.replace(/\D/g, '').length > 15 || (multiple !== null && Math.abs(value) > 1e9)) continue;
          seen[fits(value) ? 'in' : 'out']++;
          expect(readWith(grammar, text === '-0' ? '0' : text).accepted, `${text}`).toBe(fits(value));
        }
        for (let count = 0; count < 4; count++) {
          const text = writeWith(grammar, () => stream.next().value, 5 * count);
          expect(fits(JSON.parse(text) as number), `${text}`).toBe(true);
          seen.written++;
        }
      },
    ),
    { numRuns: 5 * runs },
  );
  expect(Math.min(seen.in, seen.out, seen.written)).toBeGreaterThan(runs);
}, 300_000);

it('finds the common multiples of several numbers', () => {
  expect(commonMultiples([4, 6])).toEqual({ of: 12, digits: 0 });
  expect(commonMultiples([0.25, 0.1])).toEqual({ of: 50, digits: 2 });
  expect(commonMultiples([1e-12])).toBeNull();
});
