import { formatPatterns } from './format-patterns.ts';
import type { Format } from './formats.ts';
import { languageAutomaton, type State } from '../text/automaton.ts';
import { anyChar, Languages, LanguageTooLarge, type Language } from '../text/language.ts';
import { numberAutomaton, type NumberBounds } from '../text/number-automaton.ts';
import { patternLanguage } from '../text/pattern-language.ts';

/** Budget for one language, in terms and steps. */
const mostOfOne = 30_000;

/** Number ranges of one schema that may fail to become automata; each failure takes a while. */
const mostFailures = 4;

/** The languages and automata of one schema's strings and numbers. */
export class Texts {
  readonly #languages = new Languages();
  readonly #patterns = new Map<string, Language | null>();
  readonly #automata = new Map<Language, State | null | 'too-large'>();
  readonly #numbers = new Map<string, State | null | 'too-large'>();
  #failures = 0;

  /** The texts that match a pattern; null where a grammar cannot keep it. */
  pattern(source: string): Language | null {
    const known = this.#patterns.get(source);
    if (known !== undefined) return known;
    const language = this.#bounded(() => patternLanguage(this.#languages, source)) ?? null;
    const kept = language !== null && this.automaton([language]) !== 'too-large' ? language : null;
    this.#patterns.set(source, kept);
    return kept;
  }

  /** The texts of a format that the grammar writes, which are fewer than a validator accepts. */
  format(format: Format): Language | null {
    return this.pattern(formatPatterns[format]);
  }

  /** Texts of a range of lengths. */
  ofLength(least: number, most: number): Language | null {
    const languages = this.#languages;
    return this.#bounded(() => languages.repeat(languages.char(anyChar), least, most)) ?? null;
  }

  has(language: Language, text: string): boolean {
    return this.#bounded(() => this.#languages.has(language, text)) ?? true;
  }

  /** The automaton of the texts that are in all languages; null where there is none. */
  automaton(all: readonly Language[]): State | null | 'too-large' {
    const language = this.#bounded(() => this.#languages.all(...all));
    if (language === undefined) return 'too-large';
    const known = this.#automata.get(language);
    if (known !== undefined) return known;
    const states = this.#bounded(() => languageAutomaton(this.#languages, language));
    const found = states === undefined ? 'too-large' : states;
    this.#automata.set(language, found);
    return found;
  }
  /** The automaton of numbers within bounds; null where there is none. */
  number(bounds: NumberBounds): State | null | 'too-large' {
    const key = JSON.stringify({ ...bounds, minimum: String(bounds.minimum), maximum: String(bounds.maximum) });
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const states = this.#failures < mostFailures ? this.#bounded(() => numberAutomaton(bounds)) : undefined;
    if (states === undefined) this.#failures++;
    const found = states === undefined ? 'too-large' : states;
    this.#numbers.set(key, found);
    return found;
  }

  /** Undefined when the work exceeds the budget or the stack. */
  #bounded<Result>(work: () => Result): Result | undefined {
    try {
      return this.#languages.withBudget(mostOfOne, work);
    } catch (thrown) {
      if (thrown instanceof LanguageTooLarge || thrown instanceof RangeError) return undefined;
      throw thrown;
    }
  }
}
