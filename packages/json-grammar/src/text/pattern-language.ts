import { anyChar, type Language, type Languages } from './language.ts';
import { readPattern, type Pattern } from './read-pattern.ts';

/** Most repetitions of a piece with an anchor or a look-ahead, which must be unrolled. */
const mostUnrolled = 16;

class Irregular extends Error {}

/**
 * The texts in which a regular expression has a match, as in JSON Schema's `pattern`; null for an expression that is
 * not regular.
 *
 * @throws LanguageTooLarge
 */
export function patternLanguage(languages: Languages, source: string): Language | null {
  const pattern = readPattern(source);
  if (pattern === null) return null;
  const compiler = new PatternCompiler(languages);
  const { anyText } = languages;
  try {
    const atStart = compiler.before(pattern, anyText, true);
    const later = compiler.before(pattern, anyText, false);
    const before = languages.repeat(languages.char(anyChar), 1, Infinity);
    return languages.either(atStart, languages.sequence(before, later));
  } catch (thrown) {
    if (thrown instanceof Irregular) return null;
    throw thrown;
  }
}

/** Compiles each piece with what follows it, as anchors and look-ahead constrain all that follows. */
class PatternCompiler {
  readonly #languages: Languages;

  constructor(languages: Languages) {
    this.#languages = languages;
  }

  /** The texts of a piece followed by `rest`. `start`: the piece is at the beginning of the text. */
  before(pattern: Pattern, rest: Language, start: boolean): Language {
    const languages = this.#languages;
    if (isPlain(pattern)) return languages.sequence(this.#plain(pattern), rest);
    switch (pattern.kind) {
      case 'start':
        return start ? rest : languages.nothing;
      case 'end':
        return rest.nullable ? languages.empty : languages.nothing;
      case 'ahead': {
        const ahead = this.before(pattern.of, languages.anyText, start);
        return languages.all(rest, pattern.negative ? languages.not(ahead) : ahead);
      }
      case 'either':
        return languages.either(...pattern.ways.map((way) => this.before(way, rest, start)));
      case 'sequence': {
        const { parts } = pattern;
        return parts.reduceRight((after, part, at) => {
          const first = start && parts.slice(0, at).every((one) => width(one).most === 0);
          // After a piece that may be empty, it is unknown whether the next piece is at the start.
          const unsure = start && !first && parts.slice(0, at).every((one) => width(one).least === 0);
          if (unsure && hasStart(part)) throw new Irregular();
          return this.before(part, after, first);
        }, rest);
      }
      case 'repeat': {
        const { what, least, most } = pattern;
        if (most > mostUnrolled || hasStart(what)) throw new Irregular();
        let after = rest;
        for (let count = most; count > 0; count--) {
          const once = this.before(what, after, false);
          after = count > least ? languages.either(once, rest) : once;
        }
        return after;
      }
      default:
        throw new Irregular();
    }
  }

  #plain(pattern: Pattern): Language {
    const languages = this.#languages;
    switch (pattern.kind) {
      case 'char':
        return languages.char(pattern.ranges);
      case 'sequence':
        return pattern.parts.reduceRight<Language>(
          (after, part) => languages.sequence(this.#plain(part), after),
          languages.empty,
        );
      case 'either':
        return languages.either(...pattern.ways.map((way) => this.#plain(way)));
      case 'repeat':
        return languages.repeat(this.#plain(pattern.what), pattern.least, pattern.most);
      default:
        throw new Irregular();
    }
  }
}

function children(pattern: Pattern): readonly Pattern[] {
  switch (pattern.kind) {
    case 'sequence':
      return pattern.parts;
    case 'either':
      return pattern.ways;
    case 'repeat':
      return [pattern.what];
    case 'ahead':
      return [pattern.of];
    default:
      return [];
  }
}

function isPlain(pattern: Pattern): boolean {
  if (pattern.kind === 'start' || pattern.kind === 'end' || pattern.kind === 'ahead') return false;
  return children(pattern).every(isPlain);
}

function hasStart(pattern: Pattern): boolean {
  return pattern.kind === 'start' || children(pattern).some(hasStart);
}

function width(pattern: Pattern): { least: number; most: number } {
  switch (pattern.kind) {
    case 'char':
      return { least: 1, most: 1 };
    case 'sequence': {
      const widths = pattern.parts.map(width);
      return { least: sum(widths.map(({ least }) => least)), most: sum(widths.map(({ most }) => most)) };
    }
    case 'either': {
      const widths = pattern.ways.map(width);
      return {
        least: Math.min(...widths.map(({ least }) => least)),
        most: Math.max(...widths.map(({ most }) => most)),
      };
    }
    case 'repeat': {
      const { least, most } = width(pattern.what);
      return { least: least * pattern.least, most: most === 0 ? 0 : most * pattern.most };
    }
    default:
      return { least: 0, most: 0 };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
