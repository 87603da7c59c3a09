/** One element of a sequence: a class of code points, or the name of a rule. */
type Element = { ranges: readonly (readonly [number, number])[] } | { rule: string };

type Sequence = readonly Element[];

/** The rules of a GBNF grammar, expanded as llama.cpp does. */
export type GbnfGrammar = ReadonlyMap<string, readonly Sequence[]>;

/** llama.cpp refuses more repetitions than this. */
const mostRepetitions = 2_000;

/** Parses the compiler's output. Throws for anything else. */
export function parseGbnf(text: string): GbnfGrammar {
  const rules = new Map<string, Sequence[]>();
  for (const line of text.trimEnd().split('\n')) {
    const [, name = '', body = ''] = /^([a-zA-Z0-9-]+) ::= (.*)$/u.exec(line) ?? [];
    if (name === '' || rules.has(name)) throw new Error(`not a rule: ${line}`);
    rules.set(name, new BodyReader(body, name, rules).read());
  }
  for (const sequences of rules.values()) {
    for (const element of sequences.flat()) {
      if ('rule' in element && !rules.has(element.rule)) throw new Error(`no rule ${element.rule}`);
    }
  }
  return rules;
}

class BodyReader {
  #at = 0;
  readonly #body: string;
  readonly #name: string;
  readonly #rules: Map<string, Sequence[]>;

  constructor(body: string, name: string, rules: Map<string, Sequence[]>) {
    this.#body = body;
    this.#name = name;
    this.#rules = rules;
  }

  read(): Sequence[] {
    const ways = this.#alternatives();
    if (this.#at < this.#body.length) throw new Error(`unexpected ${this.#body.slice(this.#at)}`);
    return ways;
  }

  #alternatives(): Sequence[] {
    const ways = [this.#sequence()];
    while (this.#take(/\| */y) !== null) ways.push(this.#sequence());
    return ways;
  }

  #sequence(): Sequence {
    const sequence: Element[] = [];
    for (;;) {
      let last: Element[];
      let repeatable = true;
      if (this.#take(/"/y) !== null) {
        last = [];
        while (this.#take(/"/y) === null) {
          const code = this.#code();
          last.push({ ranges: [[code, code]] });
        }
      } else if (this.#take(/\[/y) !== null) {
        const ranges: [number, number][] = [];
        while (this.#take(/\]/y) === null) {
          const first = this.#code();
          ranges.push([first, this.#take(/-(?!\])/y) === null ? first : this.#code()]);
        }
        last = [{ ranges }];
      } else if (this.#take(/\( */y) !== null) {
        const name = this.#invent(this.#alternatives());
        if (this.#take(/\)/y) === null) throw new Error('a group is not closed');
        last = [{ rule: name }];
        repeatable = false;
      } else {
        const name = this.#take(/[a-zA-Z0-9-]+/y);
        if (name === null) return sequence;
        last = [{ rule: name }];
      }
      const [, least, to, most] = this.#match(/(?:\{(\d+)(,?)(\d*)\})/y) ?? [];
      if (least !== undefined) {
        const end = to === '' ? Number(least) : most === '' ? Infinity : Number(most);
        if (!repeatable || (end === Infinity ? Number(least) : end) >= mostRepetitions) throw new Error('too often');
        last = this.#repeated(last, Number(least), end);
      } else if (this.#take(/\*/y) !== null) last = this.#repeated(last, 0, Infinity);
      else if (this.#take(/\?/y) !== null) last = this.#repeated(last, 0, 1);
      sequence.push(...last);
      this.#take(/ */y);
    }
  }

  #repeated(what: Element[], least: number, most: number): Element[] {
    const must = Array.from({ length: least }, () => what).flat();
    if (most === Infinity) {
      const again: Sequence[] = [[]];
      const name = this.#invent(again);
      again.unshift([...what, { rule: name }]);
      return [...must, { rule: name }];
    }
    let may: Element[] = [];
    for (let count = least; count < most; count++) may = [{ rule: this.#invent([[...what, ...may], []]) }];
    return [...must, ...may];
  }

  #invent(ways: Sequence[]): string {
    const name = `${this.#name}_${this.#rules.size}`;
    this.#rules.set(name, ways);
    return name;
  }

  #code(): number {
    const [all, x, u, long, plain] = this.#match(/\\x([0-9A-F]{2})|\\u([0-9A-F]{4})|\\U([0-9A-F]{8})|\\(["\\])/y) ?? [];
    if (all !== undefined) return plain?.codePointAt(0) ?? Number.parseInt(x ?? u ?? long ?? '', 16);
    return this.#take(/./uy)?.codePointAt(0) ?? fail('a literal is not closed');
  }

  #take(pattern: RegExp): string | null {
    return this.#match(pattern)?.[0] ?? null;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#body);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }
}

function fail(message: string): never {
  throw new Error(message);
}

/** Symbols left to write, innermost first. Equal stacks are one object, so that sets find them. */
interface Stack {
  readonly element: Element;
  readonly below: Stack | null;
}

/** Whether the grammar accepts a text, and how many parses the engine must hold at most while it reads the text. */
export function readWith(grammar: GbnfGrammar, text: string): { accepted: boolean; mostWays: number } {
  const known = new Map<Stack | null, Map<Element, Stack>>();
  const push = (element: Element, below: Stack | null): Stack => {
    const above = known.get(below) ?? new Map<Element, Stack>();
    known.set(below, above);
    const stack = above.get(element) ?? { element, below };
    above.set(element, stack);
    return stack;
  };
  const open = (stacks: Iterable<Stack | null>): Set<Stack | null> => {
    const opened = new Set<Stack | null>();
    const seen = new Set(stacks);
    for (const stack of seen) {
      if (stack === null || !('rule' in stack.element)) opened.add(stack);
      else {
        for (const sequence of grammar.get(stack.element.rule) ?? []) {
          seen.add(sequence.reduceRight((below, element) => push(element, below), stack.below));
        }
      }
    }
    return opened;
  };
  let ways = open([push({ rule: 'root' }, null)]);
  let mostWays = ways.size;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const next: (Stack | null)[] = [];
    for (const stack of ways) {
      if (stack === null || 'rule' in stack.element) continue;
      if (stack.element.ranges.some(([first, last]) => code >= first && code <= last)) next.push(stack.below);
    }
    ways = open(next);
    mostWays = Math.max(mostWays, ways.size);
  }
  return { accepted: ways.has(null), mostWays };
}

/**
 * A random text of the grammar. After `patience` choices it takes the shortest way to the end, so it ends also with
 * recursive rules.
 */
export function writeWith(grammar: GbnfGrammar, random: () => number, patience = 200): string {
  const lengths = shortest(grammar);
  let text = '';
  let choices = 0;
  const unwritten: Element[] = [{ rule: 'root' }];
  for (let element = unwritten.pop(); element !== undefined; element = unwritten.pop()) {
    if ('ranges' in element) {
      const [first, last] = pick(element.ranges, random);
      // Mostly near the beginning of a range, where common characters are.
      const reach = random() < 0.7 ? Math.min(last - first, 90) : last - first;
      text += String.fromCodePoint(first + Math.floor(random() * (reach + 1)));
      continue;
    }
    const sequences = grammar.get(element.rule) ?? [];
    const hasten = choices++ > patience;
    const wanted = hasten
      ? sequences.reduce((best, one) => (lengthOf(one, lengths) < lengthOf(best, lengths) ? one : best))
      : pick(sequences, random);
    for (const part of wanted.toReversed()) unwritten.push(part);
  }
  return text;
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] ?? fail('nothing to choose from');
}

const known = new WeakMap<GbnfGrammar, Map<string, number>>();

/** The fewest characters that each rule can write. */
function shortest(grammar: GbnfGrammar): ReadonlyMap<string, number> {
  const lengths = known.get(grammar) ?? new Map([...grammar.keys()].map((rule) => [rule, Infinity]));
  if (known.has(grammar)) return lengths;
  known.set(grammar, lengths);
  for (let changed = true; changed;) {
    changed = false;
    for (const [rule, sequences] of grammar) {
      const length = Math.min(...sequences.map((sequence) => lengthOf(sequence, lengths)));
      changed ||= length < (lengths.get(rule) ?? 0);
      lengths.set(rule, length);
    }
  }
  return lengths;
}

function lengthOf(sequence: Sequence, lengths: ReadonlyMap<string, number>): number {
  return sequence.reduce((sum, part) => sum + ('rule' in part ? (lengths.get(part.rule) ?? Infinity) : 1), 0);
}
