import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hasFormat, formats } from '../schema/formats.ts';
import { formatPatterns } from '../schema/format-patterns.ts';
import { GbnfRules } from '../gbnf-rules.ts';
import { parseGbnf, writeWith } from '../gbnf-grammar.fixture.ts';
import { languageAutomaton } from './automaton.ts';
import { Languages, LanguageTooLarge, type Language } from './language.ts';
import { patternLanguage } from './pattern-language.ts';
import { defineAutomaton } from './write-automaton.ts';

const runs = fc.readConfigureGlobal().numRuns ?? 100;
const stream = fc.infiniteStream(fc.double({ min: 0, max: 0.999_999, noNaN: true }));

/** Null where the work exceeds the budget. */
function bounded<Result>(run: () => Result): Result | null {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof LanguageTooLarge) return null;
    throw thrown;
  }
}

function grammarOf(languages: Languages, language: Language): string {
  const rules = new GbnfRules('schema');
  const start = rules.reserve('root');
  const first = languageAutomaton(languages, language);
  if (first === null) return '';
  rules.fill(start, `"\\"" ${defineAutomaton(rules, 'text', first)} "\\""`);
  return rules.toString();
}

describe('formats', () => {
  it.each(formats)(
    '%s is written as a validator accepts it',
    (format) => {
      const languages = new Languages();
      const language = patternLanguage(languages, formatPatterns[format]);
      const gbnf = grammarOf(languages, language ?? languages.nothing);
      const grammar = parseGbnf(gbnf);
      fc.assert(
        fc.property(stream, (random) => {
          const text = JSON.parse(writeWith(grammar, () => random.next().value, 80)) as string;
          expect(hasFormat(text, format), `${text}`).toBe(true);
          expect(new RegExp(formatPatterns[format], 'u').test(text)).toBe(true);
        }),
        { numRuns: 2 * runs },
      );
    },
    300_000,
  );
});

/** Regular expressions of a few letters, with all supported constructs. */
const expression = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.constantFrom(
      'a',
      'b',
      'c',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\w',
      '\\S',
      '\\.',
      '"',
      '\\\\',
      '\\n',
      '[a-c1]',
      '\\u{62}',
    ),
    fc.constantFrom('^', '$', ''),
    fc.tuple(tie('all'), tie('all')).map(([a, b]) => a + b),
    fc.tuple(tie('all'), tie('all')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('all'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}', '*?'))
      .map(([a, times]) => `(${a})${times}`),
    fc.tuple(fc.constantFrom('(?=', '(?!'), tie('all')).map(([look, a]) => `${look}${a})`),
  ),
})).all;

const subject = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', '"', '\\', '\n', 'é'), maxLength: 7 }),
);

describe('patterns', () => {
  it('match the same texts as the regular expression, and are written so', () => {
    const seen = { fits: 0, not: 0, irregular: 0, written: 0 };
    fc.assert(
      fc.property(expression, fc.array(subject, { minLength: 10, maxLength: 10 }), stream, (source, texts, random) => {
        const languages = new Languages();
        const language = bounded(() => patternLanguage(languages, source));
        const gbnf = language && bounded(() => grammarOf(languages, language));
        if (language === null || gbnf === null) {
          seen.irregular++;
          return;
        }
        const oracle = new RegExp(source, 'u');
        for (const text of texts) {
          const fits = oracle.test(text);
          seen[fits ? 'fits' : 'not']++;
          expect(languages.has(language, text), `${source} of ${JSON.stringify(text)}`).toBe(fits);
        }
        if (gbnf === '') return;
        const grammar = parseGbnf(gbnf);
        for (let count = 0; count < 3; count++) {
          const text = JSON.parse(writeWith(grammar, () => random.next().value, 20)) as string;
          expect(oracle.test(text), `${source} of ${JSON.stringify(text)}`).toBe(true);
          seen.written++;
        }
      }),
      { numRuns: 10 * runs },
    );
    expect(Math.min(seen.fits, seen.not, seen.written)).toBeGreaterThan(runs);
    expect(seen.irregular).toBeLessThan(5 * runs);
  }, 300_000);
});
