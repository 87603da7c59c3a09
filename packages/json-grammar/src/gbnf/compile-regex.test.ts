import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseGbnf, readWith, writeWith } from '../gbnf-grammar.fixture.ts';
import { compileChoices } from './compile-choices.ts';
import { compileRegex } from './compile-regex.ts';

const patterns = [
  'a+b?',
  '(yes|no|maybe)',
  '\\d{3}-\\d{4}',
  '^ab$',
  '[^\\n]*',
  '(?=.*b)[ab]{2,5}',
  '(?!a)[a-c]+',
  '',
  '"\\\\',
  '\\n|\\t|x',
  '[\\w.]+@\\w+',
  'a|b|',
  '\\u{1F600}+',
];

test("a regex matches whole texts with ECMAScript's semantics", () => {
  let fits = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...patterns.filter((pattern) => pattern !== '')),
      fc.string({
        unit: fc.constantFrom('a', 'b', 'c', '1', '2', '-', '\n', '\t', '"', '\\', '@', '😀', 'yes'),
        maxLength: 6,
      }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (pattern, text, stream) => {
        const grammar = parseGbnf(compileRegex(pattern, 'pattern'));
        const whole = new RegExp(`^(?:${pattern})$`, 'u');
        expect(readWith(grammar, text).accepted, `${JSON.stringify(text)} by ${pattern}`).toBe(whole.test(text));
        const written = writeWith(grammar, () => stream.next().value, 10);
        expect(written).toMatch(whole);
        if (whole.test(text)) fits++;
      },
    ),
  );
  expect(fits).toBeGreaterThan(0);
}, 60_000);

test.each([
  ['(a)\\1', /cannot become a grammar/],
  ['(?<=a)b', /cannot become a grammar/],
  ['(a', /check its brackets/],
  ['a)|(b', /check its brackets/],
  ['[^\\s\\S]', /fits no text/],
  ['(?=a)b', /fits no text/],
  ['(a?){1000}(b?){1000}(c?){1000}', /too large for a grammar/],
])('%s is refused with a reason', (pattern, message) => {
  expect(() => compileRegex(pattern, 'guided_regex')).toThrow(message);
});

test('a choice accepts exactly its texts, with one parse each', () => {
  const choices = ['red', 'reddish', 'blue "sky"\n', 'é', 'red'];
  const grammar = parseGbnf(compileChoices(choices, 'choices'));
  for (const choice of choices) expect(readWith(grammar, choice).accepted).toBe(true);
  for (const other of ['', 're', 'redd', 'green', 'redreddish']) expect(readWith(grammar, other).accepted).toBe(false);
  expect(() => compileChoices(['a', 'b\0'], 'choices')).toThrow(/^choices\[1\]: /);
});
