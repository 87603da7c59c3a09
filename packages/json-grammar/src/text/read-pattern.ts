import type { CodeRange } from '../gbnf-rules.ts';
import { schemaBounds } from '../bounds.ts';
import { anyChar, otherRanges } from './language.ts';

/** A regular expression of ECMA-262 (`u`), without constructs that are not regular. */
export type Pattern =
  | { kind: 'char'; ranges: readonly CodeRange[] }
  | { kind: 'sequence'; parts: readonly Pattern[] }
  | { kind: 'either'; ways: readonly Pattern[] }
  | { kind: 'repeat'; what: Pattern; least: number; most: number }
  | { kind: 'start' }
  | { kind: 'end' }
  | { kind: 'ahead'; of: Pattern; negative: boolean };

const digit: CodeRange[] = [[0x30, 0x39]];
const word: CodeRange[] = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]; // prettier-ignore
const lineEnds: CodeRange[] = [[0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]]; // prettier-ignore
const space: CodeRange[] = [
  [0x09, 0x0d], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a],
  [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff],
]; // prettier-ignore

const classes: Readonly<Record<string, readonly CodeRange[]>> = {
  d: digit,
  D: otherRanges(digit),
  w: word,
  W: otherRanges(word),
  s: space,
  S: otherRanges(space),
};

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };

/** Longer expressions, and deeper groups, are not parsed. */
const longest = 2_048;
const deepest = 40;

class Unreadable extends Error {}

/**
 * Null for unsupported expressions: back-references, look-behind, word boundaries, Unicode properties, syntax errors.
 */
export function readPattern(source: string): Pattern | null {
  if (source.length > longest) return null;
  try {
    return new PatternReader(source).read();
  } catch (thrown) {
    if (thrown instanceof Unreadable) return null;
    throw thrown;
  }
}

class PatternReader {
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#chars = Array.from(source);
  }

  read(): Pattern {
    const pattern = this.#either();
    if (this.#at < this.#chars.length) throw new Unreadable();
    return pattern;
  }

  #either(): Pattern {
    if (++this.#depth > deepest) throw new Unreadable();
    const ways = [this.#sequence()];
    while (this.#take('|')) ways.push(this.#sequence());
    this.#depth--;
    return ways.length === 1 ? (ways[0] as Pattern) : { kind: 'either', ways };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    for (;;) {
      const next = this.#chars[this.#at];
      if (next === undefined || next === '|' || next === ')') return { kind: 'sequence', parts };
      parts.push(this.#repeated(this.#atom()));
    }
  }

  #atom(): Pattern {
    const char = this.#next();
    switch (char) {
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '.':
        return { kind: 'char', ranges: otherRanges(lineEnds) };
      case '(':
        return this.#group();
      case '[':
        return { kind: 'char', ranges: this.#class() };
      case '\\':
        return { kind: 'char', ranges: this.#escape() };
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']':
        throw new Unreadable();
      default:
        return { kind: 'char', ranges: one(char) };
    }
  }

  #group(): Pattern {
    let look: { negative: boolean } | null = null;
    if (this.#take('?')) {
      if (this.#take('=')) look = { negative: false };
      else if (this.#take('!')) look = { negative: true };
      else if (this.#take('<')) {
        if (this.#take('=') || this.#take('!')) throw new Unreadable();
        while (!this.#take('>')) this.#next();
      } else if (!this.#take(':')) throw new Unreadable();
    }
    const of = this.#either();
    if (!this.#take(')')) throw new Unreadable();
    return look === null ? of : { kind: 'ahead', of, ...look };
  }

  #repeated(what: Pattern): Pattern {
    let times: readonly [least: number, most: number] | null = null;
    if (this.#take('*')) times = [0, Infinity];
    else if (this.#take('+')) times = [1, Infinity];
    else if (this.#take('?')) times = [0, 1];
    else if (this.#take('{')) times = this.#times();
    if (times === null) return what;
    if (what.kind === 'start' || what.kind === 'end' || what.kind === 'ahead') throw new Unreadable();
    // Laziness does not change which texts match.
    this.#take('?');
    const [least, most] = times;
    return { kind: 'repeat', what, least, most };
  }

  #times(): readonly [number, number] {
    const least = this.#number();
    let most = least;
    if (this.#take(',')) most = this.#chars[this.#at] === '}' ? Infinity : this.#number();
    if (!this.#take('}') || most < least) throw new Unreadable();
    return [least, most];
  }

  #number(): number {
    let digits = '';
    while (/^\d$/.test(this.#chars[this.#at] ?? '')) digits += this.#next();
    const value = Number(digits);
    if (digits === '' || value > schemaBounds.repetition) throw new Unreadable();
    return value;
  }

  #class(): readonly CodeRange[] {
    const negative = this.#take('^');
    const ranges: CodeRange[] = [];
    while (!this.#take(']')) {
      const from = this.#classAtom();
      const [first] = from;
      if (this.#chars[this.#at] !== '-' || this.#chars[this.#at + 1] === ']') {
        ranges.push(...from);
        continue;
      }
      this.#next();
      const to = this.#classAtom();
      const [last] = to;
      if (!isOne(from) || !isOne(to) || first === undefined || last === undefined || last[0] < first[0]) {
        throw new Unreadable();
      }
      ranges.push([first[0], last[0]]);
    }
    return negative ? otherRanges(ranges) : ranges;
  }

  #classAtom(): readonly CodeRange[] {
    const char = this.#next();
    if (char !== '\\') return one(char);
    if (this.#take('b')) return [[8, 8]];
    return this.#escape();
  }

  #escape(): readonly CodeRange[] {
    const char = this.#next();
    if (Object.hasOwn(classes, char)) return classes[char] ?? [];
    if (char === '0' && /^\d$/.test(this.#chars[this.#at] ?? '')) throw new Unreadable();
    const control = Object.hasOwn(controls, char) ? controls[char] : undefined;
    if (control !== undefined) return [[control, control]];
    if (char === 'x') return one(String.fromCodePoint(this.#hex(2)));
    if (char === 'u') return one(this.#unicode());
    if (/^[A-Za-z0-9]$/.test(char)) throw new Unreadable();
    return one(char);
  }

  #unicode(): string {
    if (this.#take('{')) {
      let digits = '';
      while (!this.#take('}')) digits += this.#next();
      const code = /^[0-9A-Fa-f]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : Infinity;
      if (code > 0x10ffff) throw new Unreadable();
      return String.fromCodePoint(code);
    }
    const high = this.#hex(4);
    if (high < 0xd800 || high > 0xdbff) return String.fromCodePoint(high);
    if (!this.#take('\\') || !this.#take('u')) throw new Unreadable();
    const char = String.fromCharCode(high, this.#hex(4));
    if (Array.from(char).length !== 1) throw new Unreadable();
    return char;
  }

  #hex(length: number): number {
    const digits = Array.from({ length }, () => this.#next()).join('');
    if (!/^[0-9A-Fa-f]+$/.test(digits)) throw new Unreadable();
    return Number.parseInt(digits, 16);
  }

  #take(char: string): boolean {
    if (this.#chars[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw new Unreadable();
    return char;
  }
}

function one(char: string): readonly CodeRange[] {
  const code = char.codePointAt(0) ?? 0;
  return anyChar.some(([first, last]) => code >= first && code <= last) ? [[code, code]] : [];
}

function isOne(ranges: readonly CodeRange[]): boolean {
  return ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1];
}
