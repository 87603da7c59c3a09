import fc from 'fast-check';
import { expect, test } from 'vitest';

import { tokenEnds } from './token-ends.ts';

const endsOf = (text: string, tokens: readonly string[]) =>
  tokenEnds(
    Buffer.from(text),
    tokens.map((token) => Buffer.from(token)),
  );

test('a space that the tokenizer put before a word is not in the text', () => {
  expect(endsOf('Once upon', [' Once', ' upon'])).toEqual({ ends: [4, 9], exact: true });
  expect(endsOf('\nOnce', [' ', '\n', 'Once'])).toEqual({ ends: [0, 1, 5], exact: true });
});

test('white space that a mark swallowed is in no token', () => {
  expect(endsOf('<|end|> \n Hi', ['<|end|>', 'Hi'])).toEqual({ ends: [7, 12], exact: true });
  expect(endsOf('<|end|> \n Hi', ['<|end|>', ' Hi'])).toEqual({ ends: [7, 12], exact: true });
});

test('a text that the vocabulary changes is shared out by the lengths of the rest', () => {
  expect(endsOf('One Two Three', ['One', ' two', ' three'])).toEqual({ ends: [3, 7, 13], exact: false });
  expect(endsOf('ab', ['', ''])).toEqual({ ends: [0, 0], exact: true });
  expect(endsOf('ab', ['xyz', 'x'])).toEqual({ ends: [2, 2], exact: false });
  expect(endsOf('ab', [])).toEqual({ ends: [], exact: true });
});

test('the ends of any pieces of a text are found, also inside characters', () => {
  const texts = fc.array(fc.constantFrom('the', ' fox', '  ', '\n', 'naïve', '漢字', '👩‍👩‍👧', "don't", '\t'), {
    maxLength: 20,
  });
  const cuts = fc.array(fc.nat(150), { maxLength: 12 });
  fc.assert(
    fc.property(texts, cuts, fc.boolean(), (parts, places, prefixed) => {
      const text = Buffer.from(parts.join(''));
      const ends = [...new Set([...places.filter((place) => place > 0 && place < text.length), text.length])]
        .filter((end) => end > 0)
        .toSorted((a, b) => a - b);
      const tokens = ends.map((end, at) => text.subarray(ends[at - 1] ?? 0, end));
      // As SentencePiece does at the beginning.
      const [first, ...others] = tokens;
      const written = prefixed && first ? [Buffer.concat([Buffer.from(' '), first]), ...others] : tokens;
      const found = tokenEnds(text, written);
      expect(found.exact).toBe(true);
      // Where the text begins with spaces, the one before them may count as one of them.
      const known = !prefixed || !/^\s/.test(parts.join(''));
      expect(known ? found.ends : ends).toEqual(ends);
      expect(found.ends.at(-1) ?? 0).toBe(text.length);
    }),
  );
});
