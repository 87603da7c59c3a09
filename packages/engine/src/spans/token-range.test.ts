import fc from 'fast-check';
import { expect, test } from 'vitest';

import { tokenRange } from './token-range.ts';

test('a range has the tokens with any of its text, at both ends too', () => {
  // ab|cde|f
  const ends = [2, 5, 6];
  expect(tokenRange(ends, { start: 0, end: 6 })).toEqual({ from: 0, to: 3 });
  expect(tokenRange(ends, { start: 2, end: 5 })).toEqual({ from: 1, to: 2 });
  expect(tokenRange(ends, { start: 1, end: 3 })).toEqual({ from: 0, to: 2 });
  expect(tokenRange(ends, { start: 3, end: 4 })).toEqual({ from: 1, to: 2 });
  expect(tokenRange(ends, { start: 5, end: 99 })).toEqual({ from: 2, to: 3 });
  expect(tokenRange(ends, { start: 6, end: 8 })).toEqual({ from: 3, to: 3 });
  expect(tokenRange([], { start: 0, end: 1 })).toEqual({ from: 0, to: 0 });
});

test('a token without text belongs to a range only between tokens of it', () => {
  const ends = [0, 2, 2, 4, 4];
  expect(tokenRange(ends, { start: 0, end: 4 })).toEqual({ from: 1, to: 4 });
  expect(tokenRange(ends, { start: 0, end: 2 })).toEqual({ from: 1, to: 2 });
  expect(tokenRange(ends, { start: 2, end: 4 })).toEqual({ from: 3, to: 4 });
});

test('it is the range that a search of every token finds', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.nat(80), fc.nat(80), (lengths, one, other) => {
      let at = 0;
      const ends = lengths.map((length) => (at += length));
      const range = { start: Math.min(one, other, at), end: Math.min(Math.max(one, other), at) };
      const { from, to } = tokenRange(ends, range);
      const within = ends.flatMap((end, token) => {
        const start = ends[token - 1] ?? 0;
        const shared = Math.min(end, range.end) - Math.max(start, range.start);
        return shared > 0 ? [token] : [];
      });
      const expected = within.length === 0 ? [from, from] : [within[0], (within.at(-1) ?? 0) + 1];
      expect([from, to]).toEqual(expected);
    }),
  );
});

test('ranges that meet share at most the token at their border, and all of them cover every token with text', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 });
  const cuts = fc.array(fc.nat(200), { maxLength: 8 });
  fc.assert(
    fc.property(sizes, cuts, (lengths, places) => {
      let at = 0;
      const ends = lengths.map((length) => (at += length));
      const borders = [...new Set([0, ...places.filter((place) => place < at), at])].toSorted((a, b) => a - b);
      const ranges = borders.slice(1).map((end, index) => tokenRange(ends, { start: borders[index] ?? 0, end }));
      expect(ranges[0]?.from).toBe(0);
      expect(ranges.at(-1)?.to).toBe(ends.length);
      for (const [index, { from }] of ranges.slice(1).entries()) {
        const shared = (ranges[index]?.to ?? 0) - from;
        expect(shared).toBeGreaterThanOrEqual(0);
        expect(shared).toBeLessThanOrEqual(1);
      }
    }),
  );
});
