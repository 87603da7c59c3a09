import { formatPatterns } from './format-patterns.ts';
import type { Format } from './formats.ts';
import { languageAutomaton, type State } from './text/automaton.ts';
import { anyChar, Languages, LanguageTooLarge, type Language } from './text/language.ts';
import { patternLanguage } from './text/pattern-language.ts';

/** What the texts of one schema's strings are told by. */
export class Texts {
  readonly #languages = new Languages();
  readonly #patterns = new Map<string, Language | null>();
  readonly #automata = new Map<Language, State | null | 'too-large'>();

  /** The texts of a pattern; null where a grammar cannot keep it. */
  pattern(source: string): Language | null {
    const known = this.#patterns.get(source);
    if (known !== undefined) return known;
    const language = bounded(() => patternLanguage(this.#languages, source)) ?? null;
    const kept = language !== null && this.automaton([language]) !== 'too-large' ? language : null;
    this.#patterns.set(source, kept);
    return kept;
  }

  /** The texts that a format is written with: not all that a validator takes. */
  format(format: Format): Language | null {
    return this.pattern(formatPatterns[format]);
  }

  /** Texts of so many characters. */
  ofLength(least: number, most: number): Language | null {
    const languages = this.#languages;
    return bounded(() => languages.repeat(languages.char(anyChar), least, most)) ?? null;
  }

  has(language: Language, text: string): boolean {
    return bounded(() => this.#languages.has(language, text)) ?? true;
  }

  /** The states of the texts that are in all of these; null where there is no such text. */
  automaton(all: readonly Language[]): State | null | 'too-large' {
    const language = bounded(() => this.#languages.all(...all));
    if (language === undefined) return 'too-large';
    const known = this.#automata.get(language);
    if (known !== undefined) return known;
    const states = bounded(() => languageAutomaton(this.#languages, language));
    const found = states === undefined ? 'too-large' : states;
    this.#automata.set(language, found);
    return found;
  }
}

/** Undefined for what is too much, of terms or of terms within terms. */
function bounded<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof LanguageTooLarge || thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}
