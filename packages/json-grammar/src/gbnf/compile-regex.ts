import { refuse } from '../refuse.ts';
import { automaton, languageMoves, type State } from '../text/automaton.ts';
import { Languages, LanguageTooLarge, type Language } from '../text/language.ts';
import { patternLanguage } from '../text/pattern-language.ts';
import { readPattern } from '../text/read-pattern.ts';
import { writeGbnf, type Element, type FlatRule } from './rules/flat-grammar.ts';
import { writableChars } from './rules/writable-chars.ts';

/** Terms and steps for one regex; the same limit as for a schema's pattern. */
const mostWork = 30_000;

/**
 * Compiles a regular expression to a grammar of the texts that match it as a whole, with one parse each.
 *
 * @throws HeadwayError `invalid-request` for an expression that is not regular, is invalid or matches no text
 */
export function compileRegex(pattern: string, field: string): string {
  if (readPattern(pattern) === null) throw unreadable(field);
  const first = statesOf(pattern, field);
  if (first === null) throw refuse(field, 'fits no text; remove one of its parts');
  const places = new Map([[first, 0]]);
  const rules: FlatRule[] = [];
  for (const state of places.keys()) {
    const ways = state.moves.map(({ ranges, to }): Element[] => {
      if (!places.has(to)) places.set(to, places.size);
      return [{ ranges }, { rule: places.get(to) ?? 0 }];
    });
    rules.push({ name: 'root', ways: state.ends ? [...ways, []] : ways });
  }
  return writeGbnf(rules);
}

function statesOf(pattern: string, field: string): State | null {
  try {
    const languages = new Languages();
    return languages.withBudget(mostWork, () => {
      const language = patternLanguage(languages, `^(?:${pattern})$`);
      if (language === null) throw unreadable(field);
      return automaton<Language>({
        start: language,
        keyOf: ({ id }) => id,
        ends: ({ nullable }) => nullable,
        moves: (at) => languageMoves(languages, at, writableChars),
      });
    });
  } catch (thrown) {
    const isTooLarge = thrown instanceof LanguageTooLarge || thrown instanceof RangeError;
    throw isTooLarge ? refuse(field, 'is too large for a grammar; shorten it, with fewer repetitions') : thrown;
  }
}

function unreadable(field: string) {
  return refuse(
    field,
    'cannot become a grammar; remove look-behind, back-references, word boundaries, flags and ' +
      'Unicode properties, and check its brackets',
  );
}
