import { schemaBounds } from './bounds.ts';
import { refuse } from './refuse.ts';

/** The weight of a rule and its text compared with one repetition, by llama.cpp's load time. */
const symbolsOfRule = 2;
const charsOfSymbol = 16;

/**
 * Collects a grammar's rules in GBNF. Equal bodies become one rule. Repetitions apply to names only, as llama.cpp
 * limits how many symbols a repeated group may have.
 */
export class GbnfRules {
  readonly #field: string;
  readonly #names = new Map<string, string>();
  readonly #bodies = new Map<string, string>();
  #symbols = 0;

  /** `field` is the request's field that errors name. */
  constructor(field: string) {
    this.#field = field;
  }

  /**
   * Returns the name of a rule with this body, or the body if that is a name already. `hint`, in letters, describes it.
   */
  define(hint: string, body: string): string {
    if (this.#bodies.has(body)) return body;
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const name = this.reserve(hint);
    this.#names.set(body, name);
    this.fill(name, body);
    return name;
  }

  /** A name whose body is set later, for recursive rules. */
  reserve(hint: string): string {
    const name = this.#bodies.has(hint) ? `${hint}-${this.#bodies.size}` : hint;
    this.#bodies.set(name, '');
    return name;
  }

  fill(name: string, body: string): void {
    this.#bodies.set(name, body);
    this.#symbols += weight(body);
    if (this.#symbols > schemaBounds.symbols) {
      throw refuse(
        this.#field,
        `makes a grammar of more than ${schemaBounds.symbols.toLocaleString('en')} symbols; ` +
          'send fewer properties, values and repetitions',
      );
    }
  }

  /** `body` or nothing. */
  optional(hint: string, body: string): string {
    return `${this.define(hint, body)}?`;
  }

  toString(): string {
    return [...this.#bodies].map(([name, body]) => `${name} ::= ${body}\n`).join('');
  }
}

/** About how many symbols llama.cpp makes of a body. A brace in a literal is no repetition. */
function weight(body: string): number {
  let symbols = symbolsOfRule + body.length / charsOfSymbol;
  for (const [, least, most] of body.replace(/"(?:\\.|[^"\\])*"/g, '').matchAll(/\{(\d+),?(\d*)\}/g)) {
    symbols += Math.max(Number(least), Number(most));
  }
  return symbols;
}

/** A literal of exactly this text. */
export function literal(text: string): string {
  const written = Array.from(text).map((char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    return char >= ' ' && char <= '~' ? char : escaped(char);
  });
  return `"${written.join('')}"`;
}

/** A rule or a class, repeated from `least` to `most` times. */
export function repeat(what: string, least: number, most: number): string {
  if (most === Infinity) return least === 0 ? `${what}*` : `${what}{${least},}`;
  if (least === most) return most === 1 ? what : `${what}{${most}}`;
  return `${what}{${least},${most}}`;
}

/** An inclusive range of code points. */
export type CodeRange = readonly [first: number, last: number];

/** A class of exactly these code points. */
export function charClass(ranges: readonly CodeRange[]): string {
  const written = ranges.map(([first, last]) =>
    first === last ? classChar(first) : `${classChar(first)}-${classChar(last)}`,
  );
  return `[${written.join('')}]`;
}

function classChar(code: number): string {
  const char = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(char) ? char : escaped(char);
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
