import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { draftLength } from './draft-length.ts';

const longest = 4;
const measured = (known: Record<number, number>) => (tokens: number) => known[tokens] ?? null;

describe('draftLength', () => {
  it.each([
    { is: '0 before a step of one token was measured', acceptance: 1, msOf: measured({}), length: 0 },
    { is: 'the longest allowed until a cost was measured', acceptance: 0.9, msOf: measured({ 1: 10 }), length: 4 },
    { is: '0 when no guess was right', acceptance: 0, msOf: measured({ 1: 10 }), length: 0 },
    {
      is: 'the longest where a step takes as long with more tokens',
      acceptance: 0.8,
      msOf: measured({ 1: 10, 2: 10, 3: 10.1, 4: 10.2, 5: 10.3 }),
      length: 4,
    },
    {
      is: '0 where each token costs a whole step, however good the guesses',
      acceptance: 1,
      msOf: (tokens: number) => 10 * tokens,
      length: 0,
    },
    {
      is: 'short where long drafts cost more than they gain',
      acceptance: 0.8,
      msOf: measured({ 1: 10, 2: 12, 3: 24, 4: 36, 5: 48 }),
      length: 1,
    },
    {
      is: '0 where the gain is within the measurement noise',
      acceptance: 1,
      msOf: measured({ 1: 10, 2: 19.5, 3: 29.5, 4: 39, 5: 49 }),
      length: 0,
    },
  ])('is $is', ({ acceptance, msOf, length }) => {
    expect(draftLength({ acceptance, msOf, longest })).toBe(length);
  });

  it('a draft is never measured to be slower than no draft', () => {
    const ms = fc.double({ min: 0.1, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(ms, { minLength: 5, maxLength: 5 }),
        (acceptance, times) => {
          const msOf = (tokens: number) => times[tokens - 1] ?? null;
          const length = draftLength({ acceptance, msOf, longest });
          const tokens = Array.from({ length: length + 1 }, (_, at) => acceptance ** at).reduce((a, b) => a + b, 0);
          expect(tokens / (msOf(1 + length) ?? 0)).toBeGreaterThanOrEqual(1 / (msOf(1) ?? 0));
        },
      ),
    );
  });
});
