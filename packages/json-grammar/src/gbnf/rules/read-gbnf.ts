import { refuse } from '../../refuse.ts';
import { commonRanges, mergeRanges, otherRanges } from '../../text/language.ts';
import type { CodeRange } from '../../gbnf-rules.ts';
import { grammarBounds } from './grammar-bounds.ts';
import { writableChars } from './writable-chars.ts';

/** A node of a rule, as in the source. */
export type GbnfNode =
  | { kind: 'char'; ranges: readonly CodeRange[] }
  | { kind: 'rule'; name: string; line: number }
  | { kind: 'sequence'; parts: readonly GbnfNode[] }
  | { kind: 'either'; ways: readonly GbnfNode[] }
  | { kind: 'repeat'; what: GbnfNode; least: number; most: number; line: number };

export interface GbnfRule {
  line: number;
  body: GbnfNode;
}

const escapes: Readonly<Record<string, string>> = {
  t: '\t', r: '\r', n: '\n', '\\': '\\', '"': '"', '[': '[', ']': ']', '-': '-',
}; // prettier-ignore

const hexEscapes: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * Parses a GBNF grammar (llama.cpp's `grammars/README.md`) into rules by name.
 *
 * @throws HeadwayError `invalid-request`, naming the line and the rule
 */
export function readGbnf(text: string, field: string): Map<string, GbnfRule> {
  if (Buffer.byteLength(text) > grammarBounds.bytes) {
    throw refuse(field, `is larger than ${grammarBounds.bytes / 1024} kB; send a smaller one`);
  }
  return new GbnfReader(text, field).read();
}

class GbnfReader {
  readonly #chars: readonly string[];
  readonly #field: string;
  readonly #rules = new Map<string, GbnfRule>();
  #at = 0;
  #line = 1;
  #depth = 0;
  #rule: string | null = null;

  constructor(text: string, field: string) {
    this.#chars = Array.from(text);
    this.#field = field;
  }

  read(): Map<string, GbnfRule> {
    this.#space(true);
    while (this.#peek() !== undefined) this.#readRule();
    if (!this.#rules.has('root')) throw refuse(this.#field, 'has no rule `root`; name the start rule `root`');
    this.#checkNames();
    return this.#rules;
  }

  #readRule(): void {
    this.#rule = null;
    const line = this.#line;
    const name = this.#name();
    if (name === null) throw this.#fault(`a rule must begin here, not ${this.#here()}; write \`name ::= …\``);
    if (this.#rules.has(name)) throw this.#fault(`the rule ${name} is defined twice; give each rule its own name`);
    this.#rule = name;
    this.#space(false);
    if (!this.#takeAll('::=')) throw this.#fault(`\`::=\` must follow the rule's name, not ${this.#here()}`);
    this.#space(true);
    const body = this.#either(false);
    const next = this.#peek();
    if (next !== undefined && next !== '\n' && next !== '\r') {
      throw this.#fault(`${this.#here()} is not expected here; close what was opened, or begin a new line`);
    }
    this.#rules.set(name, { line, body });
    this.#space(true);
  }

  #either(nested: boolean): GbnfNode {
    if (++this.#depth > grammarBounds.depth) {
      throw this.#fault(`groups are nested deeper than ${grammarBounds.depth} levels; make rules of inner groups`);
    }
    const ways = [this.#sequence(nested)];
    while (this.#take('|')) {
      this.#space(true);
      ways.push(this.#sequence(nested));
    }
    this.#depth--;
    return ways.length === 1 && ways[0] ? ways[0] : { kind: 'either', ways };
  }

  #sequence(nested: boolean): GbnfNode {
    const parts: GbnfNode[] = [];
    for (;;) {
      const piece = this.#piece();
      if (piece) {
        this.#space(nested);
        parts.push(piece);
        continue;
      }
      const times = this.#times(nested);
      if (times === null) return { kind: 'sequence', parts };
      const what = parts.pop();
      if (!what) throw this.#fault('there is nothing to repeat; write *, +, ? and {…} after an element');
      if (what.kind === 'repeat') throw this.#fault('a repetition is repeated; put it into a group');
      parts.push({ kind: 'repeat', what, ...times, line: this.#line });
    }
  }

  /** Null where no element begins. */
  #piece(): GbnfNode | null {
    const line = this.#line;
    if (this.#take('"')) {
      const parts: GbnfNode[] = [];
      while (!this.#take('"')) parts.push({ kind: 'char', ranges: this.#writable([this.#single('a literal')]) });
      return { kind: 'sequence', parts };
    }
    if (this.#take('[')) return { kind: 'char', ranges: this.#class() };
    if (this.#take('.')) return { kind: 'char', ranges: writableChars };
    if (this.#take('(')) {
      this.#space(true);
      const group = this.#either(true);
      if (!this.#take(')')) throw this.#fault(`a group must be closed by \`)\`, not ${this.#here()}`);
      // A sequence of its own, so that a repetition applies to all of it.
      return { kind: 'sequence', parts: [group] };
    }
    const next = this.#peek();
    if (next === '<' || (next === '!' && this.#chars[this.#at + 1] === '<')) {
      throw this.#fault('tokens in `<…>` are not supported; write their texts');
    }
    const name = this.#name();
    return name === null ? null : { kind: 'rule', name, line };
  }

  #class(): readonly CodeRange[] {
    const negative = this.#take('^');
    const ranges: CodeRange[] = [];
    while (!this.#take(']')) {
      const [first] = this.#single('a class');
      const isRange = this.#peek() === '-' && this.#chars[this.#at + 1] !== ']';
      if (isRange) this.#at++;
      const [last] = isRange ? this.#single('a class') : [first];
      if (last < first) throw this.#fault('a range of characters goes backwards; write the lower one first');
      ranges.push([first, last]);
    }
    if (ranges.length === 0) throw this.#fault('a class is empty; name its characters');
    return this.#writable(negative ? otherRanges(ranges) : ranges);
  }

  #writable(ranges: readonly CodeRange[]): readonly CodeRange[] {
    const common = commonRanges(writableChars, mergeRanges(ranges));
    if (common.length > 0) return common;
    throw this.#fault(
      'a text cannot contain this character (U+0000, half of a surrogate pair, or above U+10FFFF); remove it',
    );
  }

  /** One character, possibly escaped. */
  #single(what: string): CodeRange {
    const char = this.#next(what);
    if (char !== '\\') return pair(char.codePointAt(0));
    const letter = this.#next(what);
    if (Object.hasOwn(hexEscapes, letter)) {
      const digits = Array.from({ length: hexEscapes[letter] ?? 0 }, () => this.#next(what)).join('');
      if (!/^[0-9A-Fa-f]+$/.test(digits)) throw this.#fault(`\\${letter}${digits} is not a hexadecimal number`);
      return pair(Number.parseInt(digits, 16));
    }
    if (!Object.hasOwn(escapes, letter)) throw this.#fault(`\\${letter} is not an escape; write ${letter} as it is`);
    return pair(escapes[letter]?.codePointAt(0));
  }

  /** The repetition of the element before; null without one. */
  #times(nested: boolean): { least: number; most: number } | null {
    let times: { least: number; most: number };
    if (this.#take('*')) times = { least: 0, most: Infinity };
    else if (this.#take('+')) times = { least: 1, most: Infinity };
    else if (this.#take('?')) times = { least: 0, most: 1 };
    else if (this.#take('{')) {
      this.#space(nested);
      const least = this.#number(nested);
      let most = least;
      if (this.#take(',')) {
        this.#space(nested);
        most = this.#peek() === '}' ? Infinity : this.#number(nested);
      }
      if (!this.#take('}')) throw this.#fault(`a repetition must be closed by \`}\`, not ${this.#here()}`);
      if (most < least) throw this.#fault(`{${least},${most}} goes backwards; write the lower number first`);
      times = { least, most };
    } else return null;
    this.#space(nested);
    return times;
  }

  #number(nested: boolean): number {
    let digits = '';
    while (/^[0-9]$/.test(this.#peek() ?? '')) digits += this.#next('a repetition');
    if (digits === '') throw this.#fault(`expected a number here, not ${this.#here()}`);
    if (digits.length > 9 || Number(digits) > grammarBounds.repetition) {
      throw this.#fault(
        `a repetition is more than ${grammarBounds.repetition.toLocaleString('en')}; repeat less often`,
      );
    }
    this.#space(nested);
    return Number(digits);
  }

  #name(): string | null {
    let name = '';
    while (/^[A-Za-z0-9-]$/.test(this.#peek() ?? '')) name += this.#chars[this.#at++];
    return name === '' ? null : name;
  }

  /** Skips white space and comments. */
  #space(lines: boolean): void {
    for (let next = this.#peek(); next !== undefined; next = this.#peek()) {
      if (next === '#') {
        while (this.#peek() !== undefined && this.#peek() !== '\n' && this.#peek() !== '\r') this.#at++;
      } else if (next === ' ' || next === '\t' || (lines && (next === '\r' || next === '\n'))) {
        if (next === '\n' || (next === '\r' && this.#chars[this.#at + 1] !== '\n')) this.#line++;
        this.#at++;
      } else return;
    }
  }

  #checkNames(): void {
    for (const [name, { body }] of this.#rules) {
      for (const node of nodesOf(body)) {
        if (node.kind !== 'rule' || this.#rules.has(node.name)) continue;
        this.#rule = name;
        this.#line = node.line;
        throw this.#fault(`there is no rule ${cut(node.name)}; define it, or put quotes around a text`);
      }
    }
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #takeAll(text: string): boolean {
    if (this.#chars.slice(this.#at, this.#at + text.length).join('') !== text) return false;
    this.#at += text.length;
    return true;
  }

  #next(what: string): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw this.#fault(`${what} is not closed`);
    if (char === '\n') this.#line++;
    return char;
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #here(): string {
    const char = this.#peek();
    return char === undefined ? 'the end' : char === '\n' || char === '\r' ? 'the end of the line' : `\`${char}\``;
  }

  #fault(fault: string) {
    const rule = this.#rule === null ? '' : `, in rule ${cut(this.#rule)}`;
    return refuse(this.#field, `line ${this.#line}${rule}: ${fault}`);
  }
}

/** A node and its descendants. */
function* nodesOf(root: GbnfNode): Generator<GbnfNode> {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    if (node.kind === 'sequence') open.push(...node.parts.toReversed());
    else if (node.kind === 'either') open.push(...node.ways.toReversed());
    else if (node.kind === 'repeat') open.push(node.what);
  }
}

function pair(code = 0): CodeRange {
  return [code, code];
}

function cut(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}
