import fc from 'fast-check';
import { expect, test } from 'vitest';

import { findText } from './find-text.ts';

test('a text is found where indexOf finds it', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'ab', 'aab', '\ud83d'), { maxLength: 12 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, fc.nat(8), (one, wanted, from) => {
      const start = Math.min(from, one.length);
      expect(findText(one, wanted, start)).toBe(one.indexOf(wanted, start));
    }),
    { numRuns: 1000 },
  );
});

test('a text that almost repeats itself is found in one reading', () => {
  const end = `aaab${'a'.repeat(1_000_000)}`;
  expect(findText('a'.repeat(2_000_000) + end, end, 0)).toBe(2_000_000);
});
