import { refuse } from '../refuse.ts';
import { automaton, languageMoves, type State } from '../text/automaton.ts';
import { Languages, LanguageTooLarge, type Language } from '../text/language.ts';
import { patternLanguage } from '../text/pattern-language.ts';
import { readPattern } from '../text/read-pattern.ts';
import { writeGbnf, type Element, type FlatRule } from './rules/flat-grammar.ts';
import { writableChars } from './rules/writable-chars.ts';

/** Terms and steps that one may take, as a pattern of a schema may. */
const mostWork = 30_000;

/**
 * A grammar of the texts that a regular expression fits as a whole, with one way to read each.
 *
 * @throws HeadwayError `invalid-request` for one that cannot be told character by character, or fits nothing
 */
export function compileRegex(pattern: string, field: string): string {
  if (readPattern(pattern) === null) throw unreadable(field);
  const first = statesOf(pattern, field);
  if (first === null) throw refuse(field, 'fits no text; take one of its parts away');
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
    return languages.within(mostWork, () => {
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
    throw isTooLarge ? refuse(field, 'is too much for a grammar; write it shorter, with fewer repetitions') : thrown;
  }
}

function unreadable(field: string) {
  return refuse(
    field,
    'cannot be told character by character; leave out look-behind, back-references, word boundaries, flags and ' +
      'properties of Unicode, and check its brackets',
  );
}
