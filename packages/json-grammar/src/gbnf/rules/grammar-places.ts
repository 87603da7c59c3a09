import { refuse } from '../../refuse.ts';
import type { CodeRange } from '../../gbnf-rules.ts';
import type { FlatGrammar } from './flat-grammar.ts';
import { grammarBounds } from './grammar-bounds.ts';
import type { Work } from '../work.ts';

/** The places at which a text is read, innermost first: the current one, then where each rule around it continues. */
export type Stack = readonly number[];

/** Numbers the places of a grammar, and finds where each one leads before a character is read. */
export class GrammarPlaces {
  readonly #grammar: FlatGrammar;
  readonly #field: string;
  readonly #work: Work;
  /** The first place of each alternative of each rule; null for an empty alternative. */
  readonly #starts: (number | null)[][] = [];
  readonly #ranges: (readonly CodeRange[] | null)[] = [];
  readonly #leadsTo: number[] = [];
  readonly #isLast: boolean[] = [];
  readonly #ruleOf: number[] = [];
  readonly #closures = new Map<number, readonly Stack[]>();

  /** @throws HeadwayError `invalid-request` for left-recursive rules */
  constructor(grammar: FlatGrammar, field: string, work: Work) {
    this.#grammar = grammar;
    this.#field = field;
    this.#work = work;
    for (const [rule, { ways }] of grammar.entries()) {
      this.#starts.push(
        ways.map((way) => {
          const first = this.#ranges.length;
          way.forEach((element, at) => {
            this.#ranges.push('ranges' in element ? element.ranges : null);
            this.#leadsTo.push('rule' in element ? element.rule : -1);
            this.#isLast.push(at === way.length - 1);
            this.#ruleOf.push(rule);
          });
          return way.length === 0 ? null : first;
        }),
      );
    }
    this.#refuseLeftRecursion();
  }

  /** The places where a rule's texts begin. */
  startOf(rule: number): Stack[] {
    return this.#firstOf(rule, []);
  }

  /** The characters that each place reads; none where it leads into a rule. */
  get all(): readonly (readonly CodeRange[])[] {
    return this.#ranges.map((ranges) => ranges ?? []);
  }

  rangesAt(place: number): readonly CodeRange[] {
    return this.#ranges[place] ?? [];
  }

  /** The places after the innermost place read its character. */
  after([place = 0, ...around]: Stack): Stack[] {
    return this.#isLast[place] ? this.settled(around) : this.settled([place + 1, ...around]);
  }

  /** The places that read the next character; an empty stack is at its end. */
  settled(stack: Stack): Stack[] {
    const [place, ...around] = stack;
    if (place === undefined) return [[]];
    const settled = this.#closure(place).flatMap((inner) =>
      inner.length > 0 ? [[...inner, ...around]] : this.settled(around),
    );
    this.#work.spend(settled.reduce((sum, { length }) => sum + length, 1));
    return this.#bounded(distinct(settled), place);
  }

  /** Name of the source rule that has this place. */
  nameAt(place: number): string {
    return this.#nameOf(this.#ruleOf[place] ?? 0);
  }

  #nameOf(rule: number): string {
    return this.#grammar[rule]?.name ?? 'root';
  }

  #closure(place: number): readonly Stack[] {
    if (this.#ranges[place]) return [[place]];
    const known = this.#closures.get(place);
    if (known) return known;
    const around = this.#isLast[place] ? [] : [place + 1];
    const closure = this.#bounded(this.#firstOf(this.#leadsTo[place] ?? 0, around), place);
    this.#closures.set(place, closure);
    return closure;
  }

  #firstOf(rule: number, around: Stack): Stack[] {
    const starts = this.#starts[rule] ?? [];
    return distinct(starts.flatMap((first) => this.settled(first === null ? around : [first, ...around])));
  }

  #bounded(stacks: Stack[], place: number): Stack[] {
    if (stacks.length > grammarBounds.parses) throw tooManyParses(this.#field, this.nameAt(place));
    return stacks;
  }

  /** Also counts the paths to a first character, as llama.cpp follows all of them when it loads a grammar. */
  #refuseLeftRecursion(): void {
    const mayBeEmpty = this.#emptyRules();
    const paths = new Map<number, number>();
    const underWay = new Set<number>();
    const visit = (rule: number) => {
      underWay.add(rule);
      return { rule, leading: [...this.#leading(rule, mayBeEmpty)], at: 0, count: 1 };
    };
    for (const root of this.#grammar.keys()) {
      if (paths.has(root)) continue;
      const open = [visit(root)];
      for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
        const next = top.leading[top.at];
        if (next === undefined) {
          if (top.count > grammarBounds.symbols) throw tooManyParses(this.#field, this.#nameOf(top.rule));
          paths.set(top.rule, top.count);
          underWay.delete(top.rule);
          open.pop();
          continue;
        }
        const count = paths.get(next);
        if (count !== undefined) {
          top.count += count;
          top.at++;
          continue;
        }
        if (underWay.has(next)) {
          throw refuse(
            this.#field,
            `in rule ${this.#nameOf(next)}: the rule is left-recursive; ` +
              'begin it with a character, and repeat nothing that may be empty',
          );
        }
        open.push(visit(next));
      }
    }
  }

  /** The rules with which a rule may begin. */
  *#leading(rule: number, mayBeEmpty: ReadonlySet<number>): Generator<number> {
    for (const way of this.#grammar[rule]?.ways ?? []) {
      for (const element of way) {
        if ('ranges' in element) break;
        yield element.rule;
        if (!mayBeEmpty.has(element.rule)) break;
      }
    }
  }

  #emptyRules(): Set<number> {
    const users = new Map<number, number[]>();
    for (const [rule, { ways }] of this.#grammar.entries()) {
      for (const element of ways.flat()) {
        if ('rule' in element) users.set(element.rule, [...(users.get(element.rule) ?? []), rule]);
      }
    }
    const empty = new Set<number>();
    const open = [...this.#grammar.keys()];
    for (let rule = open.pop(); rule !== undefined; rule = open.pop()) {
      if (empty.has(rule)) continue;
      const ways = this.#grammar[rule]?.ways ?? [];
      if (!ways.some((way) => way.every((element) => 'rule' in element && empty.has(element.rule)))) continue;
      empty.add(rule);
      open.push(...(users.get(rule) ?? []));
    }
    return empty;
  }
}

/** Each stack once, sorted. */
export function distinct(stacks: readonly Stack[]): Stack[] {
  if (stacks.length < 2) return [...stacks];
  return [...new Map(stacks.map((stack) => [stack.join(), stack])).values()];
}

export function tooManyParses(field: string, rule: string) {
  return refuse(
    field,
    `in rule ${rule}: one text can be read in too many ways at once; merge alternatives that begin alike, ` +
      'and do not put two repetitions of the same element side by side',
  );
}
