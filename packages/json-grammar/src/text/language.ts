import type { CodeRange } from '../gbnf-rules.ts';

/** A set of texts. Languages that simple laws show to be equal are one object. */
export type Language =
  | Term<{ kind: 'nothing' }>
  | Term<{ kind: 'empty' }>
  | Term<{ kind: 'char'; ranges: readonly CodeRange[] }>
  | Term<{ kind: 'sequence'; first: Language; rest: Language }>
  | Term<{ kind: 'repeat'; what: Language; least: number; most: number }>
  | Term<{ kind: 'either'; ways: readonly Language[] }>
  | Term<{ kind: 'all'; parts: readonly Language[] }>
  | Term<{ kind: 'not'; of: Language }>;

type Term<Own> = Own & {
  readonly id: number;
  /** Whether the empty text is in it. */
  readonly nullable: boolean;
};

/** All code points except surrogates, which JSON text cannot have. */
export const anyChar: readonly CodeRange[] = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Budget for all languages of one schema, in terms and steps. */
const mostWork = 100_000;

/** Thrown where a language exceeds its budget. */
export class LanguageTooLarge extends Error {}

/**
 * Builds languages and derives them by Brzozowski's derivatives, as in Owens, Reppy and Turon, "Regular-expression
 * derivatives re-examined" (2009). Lengths, look-ahead and conjunctions of patterns are `all` and `not`.
 */
export class Languages {
  readonly #known = new Map<string, Language>();
  readonly #derivatives = new Map<Language, Map<number, Language>>();
  readonly #cuts = new Map<Language, readonly number[]>();
  #work = 0;
  #allowed = mostWork;

  readonly nothing = this.#make('nothing', { kind: 'nothing' }, false);
  readonly empty = this.#make('empty', { kind: 'empty' }, true);
  readonly anyText = this.repeat(this.char(anyChar), 0, Infinity);

  /** Limits `run` to this much work, so that one language leaves budget for others. */
  withBudget<Result>(work: number, run: () => Result): Result {
    const before = this.#allowed;
    this.#allowed = Math.min(before, this.#work + work);
    try {
      return run();
    } finally {
      this.#allowed = before;
    }
  }

  char(ranges: readonly CodeRange[]): Language {
    const merged = mergeRanges(ranges);
    if (merged.length === 0) return this.nothing;
    return this.#make(`c${merged.join(';')}`, { kind: 'char', ranges: merged }, false);
  }

  sequence(first: Language, rest: Language): Language {
    if (first === this.nothing || rest === this.nothing) return this.nothing;
    if (first === this.empty) return rest;
    if (rest === this.empty) return first;
    if (first.kind === 'sequence') return this.sequence(first.first, this.sequence(first.rest, rest));
    const nullable = first.nullable && rest.nullable;
    return this.#make(`s${first.id},${rest.id}`, { kind: 'sequence', first, rest }, nullable);
  }

  repeat(what: Language, least: number, most: number): Language {
    if (most === 0 || what === this.empty) return this.empty;
    if (what === this.nothing) return least === 0 ? this.empty : this.nothing;
    if (least === 1 && most === 1) return what;
    const must = what.nullable ? 0 : least;
    if (what.kind === 'repeat' && what.least === 0 && what.most === Infinity) return what;
    return this.#make(`r${what.id},${must},${most}`, { kind: 'repeat', what, least: must, most }, must === 0);
  }

  either(...languages: readonly Language[]): Language {
    const flat = languages.flatMap((one) => (one.kind === 'either' ? one.ways : [one]));
    if (flat.includes(this.anyText)) return this.anyText;
    // One class instead of several keeps the terms few.
    const chars = flat.flatMap((one) => (one.kind === 'char' ? one.ranges : []));
    const others = flat.filter((one) => one.kind !== 'char' && one !== this.nothing);
    const ways = sorted([...others, ...(chars.length === 0 ? [] : [this.char(chars)])]);
    if (ways.length <= 1) return ways[0] ?? this.nothing;
    this.spend(ways.length);
    const nullable = ways.some((way) => way.nullable);
    return this.#make(`e${ways.map(({ id }) => id).join(',')}`, { kind: 'either', ways }, nullable);
  }

  all(...languages: readonly Language[]): Language {
    const flat = languages.flatMap((one) => (one.kind === 'all' ? one.parts : [one]));
    const parts = sorted(flat.filter((one) => one !== this.anyText));
    if (parts.includes(this.nothing)) return this.nothing;
    if (parts.length <= 1) return parts[0] ?? this.anyText;
    if (parts.includes(this.empty)) return parts.every(({ nullable }) => nullable) ? this.empty : this.nothing;
    this.spend(parts.length);
    const nullable = parts.every((part) => part.nullable);
    return this.#make(`a${parts.map(({ id }) => id).join(',')}`, { kind: 'all', parts }, nullable);
  }

  not(of: Language): Language {
    if (of.kind === 'not') return of.of;
    if (of === this.nothing) return this.anyText;
    if (of === this.anyText) return this.nothing;
    return this.#make(`n${of.id}`, { kind: 'not', of }, !of.nullable);
  }

  /** The derivative by one character. */
  after(language: Language, code: number): Language {
    const cuts = this.cuts(language);
    // Equal for all characters of a section.
    const section = cuts.findLastIndex((cut) => cut <= code);
    const known = this.#derivatives.get(language) ?? new Map<number, Language>();
    this.#derivatives.set(language, known);
    const before = known.get(section);
    if (before !== undefined) return before;
    const derivative = this.#derive(language, code);
    known.set(section, derivative);
    return derivative;
  }

  /** Whether a text is in the language. @throws LanguageTooLarge */
  has(language: Language, text: string): boolean {
    let rest = language;
    for (const char of text) {
      if (rest === this.nothing || rest === this.anyText) break;
      rest = this.after(rest, char.codePointAt(0) ?? 0);
    }
    return rest.nullable;
  }

  /** The first character of each section; all characters of a section have the same derivative. */
  cuts(language: Language): readonly number[] {
    const known = this.#cuts.get(language);
    if (known !== undefined) return known;
    const cuts = [...new Set([0, ...this.#cutsOf(language)])].sort((a, b) => a - b);
    this.spend(cuts.length);
    this.#cuts.set(language, cuts);
    return cuts;
  }

  #cutsOf(language: Language): readonly number[] {
    switch (language.kind) {
      case 'nothing':
      case 'empty':
        return [];
      case 'char':
        return language.ranges.flatMap(([first, last]) => [first, last + 1]);
      case 'sequence': {
        const { first, rest } = language;
        return first.nullable ? [...this.cuts(first), ...this.cuts(rest)] : this.cuts(first);
      }
      case 'repeat':
        return this.cuts(language.what);
      case 'either':
        return language.ways.flatMap((way) => this.cuts(way));
      case 'all':
        return language.parts.flatMap((part) => this.cuts(part));
      case 'not':
        return this.cuts(language.of);
      default:
        return language satisfies never;
    }
  }

  #derive(language: Language, code: number): Language {
    switch (language.kind) {
      case 'nothing':
      case 'empty':
        return this.nothing;
      case 'char':
        return language.ranges.some(([first, last]) => code >= first && code <= last) ? this.empty : this.nothing;
      case 'sequence': {
        const { first, rest } = language;
        const within = this.sequence(this.after(first, code), rest);
        return first.nullable ? this.either(within, this.after(rest, code)) : within;
      }
      case 'repeat': {
        const { what, least, most } = language;
        return this.sequence(this.after(what, code), this.repeat(what, Math.max(0, least - 1), most - 1));
      }
      case 'either':
        return this.either(...language.ways.map((way) => this.after(way, code)));
      case 'all':
        return this.all(...language.parts.map((part) => this.after(part, code)));
      case 'not':
        return this.not(this.after(language.of, code));
      default:
        return language satisfies never;
    }
  }

  #make<Own extends { kind: Language['kind'] }>(key: string, own: Own, nullable: boolean): Language {
    this.spend(1);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = { ...own, id: this.#known.size, nullable } as unknown as Language;
    this.#known.set(key, made);
    return made;
  }

  /** @throws LanguageTooLarge */
  spend(work: number): void {
    this.#work += work;
    if (this.#work > this.#allowed) throw new LanguageTooLarge();
  }
}

function sorted(languages: readonly Language[]): Language[] {
  return [...new Set(languages)].sort((a, b) => a.id - b.id);
}

/** The same code points in as few sorted ranges as possible. */
export function mergeRanges(ranges: readonly CodeRange[]): CodeRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([a], [b]) => a - b)) {
    const before = merged.at(-1);
    if (first > last) continue;
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** The code points that are in both. */
export function commonRanges(some: readonly CodeRange[], others: readonly CodeRange[]): CodeRange[] {
  const common = some.flatMap(([first, last]) =>
    others.map(([from, to]): CodeRange => [Math.max(first, from), Math.min(last, to)]),
  );
  return mergeRanges(common.filter(([first, last]) => first <= last));
}

/** The code points that are not in these ranges. */
export function otherRanges(ranges: readonly CodeRange[]): CodeRange[] {
  const others: CodeRange[] = [];
  let from = 0;
  for (const [first, last] of mergeRanges(ranges)) {
    if (first > from) others.push([from, first - 1]);
    from = last + 1;
  }
  others.push([from, 0x10ffff]);
  return commonRanges(others, anyChar);
}
