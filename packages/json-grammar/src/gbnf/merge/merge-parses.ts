import type { CodeRange } from '../../gbnf-rules.ts';
import { mergeRanges } from '../../text/language.ts';
import { charSections } from '../rules/char-sections.ts';
import type { Element, FlatGrammar, FlatRule } from '../rules/flat-grammar.ts';
import { distinct, GrammarPlaces, type Stack } from '../rules/grammar-places.ts';
import { mergeStates, type AutomatonState } from './merge-states.ts';
import { nestedRules } from '../rules/nested-rules.ts';
import type { Steps } from '../steps.ts';
import type { Work } from '../work.ts';

/** Most states of one piece; a piece that needs more stays as it is. */
const mostStates = 1_500;

/**
 * Gives a grammar one parse for each text wherever rules are not nested: a subset construction turns such pieces into
 * finite automata. A piece with too many states stays as it is.
 *
 * @throws HeadwayError `invalid-request` for left-recursive rules
 */
export function mergeParses(grammar: FlatGrammar, field: string, work: Work): Steps<FlatGrammar> {
  return new Merger(grammar, field, work).merge();
}

class Merger {
  readonly #nested: ReadonlySet<number>;
  readonly #rules: FlatRule[];
  readonly #places: GrammarPlaces;
  readonly #work: Work;
  /** The pieces, as rules after the grammar's own, by their content. */
  readonly #pieces = new Map<string, number>();
  readonly #merged: FlatRule[] = [];
  readonly #placed = new Map<number, number>();
  readonly #automata = new Map<number, number | null>();
  readonly #open: number[] = [];

  constructor(grammar: FlatGrammar, field: string, work: Work) {
    this.#nested = nestedRules(grammar);
    this.#work = work;
    this.#rules = [...grammar];
    if (this.#nested.has(0)) {
      for (const rule of this.#nested) {
        for (const way of grammar[rule]?.ways ?? []) {
          for (const piece of this.#piecesOf(way)) if (this.#isMergeable(piece)) this.#placePiece(piece, rule);
        }
      }
    } else this.#placePiece([{ rule: 0 }], 0);
    this.#places = new GrammarPlaces(this.#rules, field, work);
  }

  *merge(): Steps<FlatGrammar> {
    if (this.#nested.has(0)) this.#placeOf(0);
    else if ((yield* this.#automaton(this.#placePiece([{ rule: 0 }], 0))) === null) return this.#rules.slice(0, -1);
    for (let rule = this.#open.pop(); rule !== undefined; rule = this.#open.pop()) {
      yield* this.#copy(rule);
    }
    return this.#merged;
  }

  *#copy(rule: number): Steps<void> {
    const copied: Element[][] = [];
    for (const way of this.#rules[rule]?.ways ?? []) {
      const elements: Element[] = [];
      for (const piece of this.#piecesOf(way)) {
        const automaton = this.#isMergeable(piece) ? yield* this.#automaton(this.#placePiece(piece, rule)) : null;
        if (automaton !== null) elements.push({ rule: automaton });
        else for (const element of piece) elements.push(this.#asPlaced(element));
      }
      copied.push(elements);
      yield;
    }
    const place = this.#placeOf(rule);
    if (this.#merged[place]) this.#merged[place].ways = copied;
  }

  #asPlaced(element: Element): Element {
    return 'rule' in element ? { rule: this.#placeOf(element.rule) } : element;
  }

  #placeOf(rule: number): number {
    const known = this.#placed.get(rule);
    if (known !== undefined) return known;
    const place = this.#merged.push({ name: this.#rules[rule]?.name ?? 'root', ways: [] }) - 1;
    this.#placed.set(rule, place);
    this.#open.push(rule);
    return place;
  }

  /** Consecutive elements without nesting as one piece, and each other element alone. */
  #piecesOf(way: readonly Element[]): (readonly Element[])[] {
    const pieces: Element[][] = [];
    let last: Element[] | null = null;
    for (const element of way) {
      const isNested = 'rule' in element && this.#nested.has(element.rule);
      if (last && !isNested) last.push(element);
      else pieces.push((last = [element]));
      if (isNested) last = null;
    }
    return pieces;
  }

  /** Characters alone are an automaton already. */
  #isMergeable(piece: readonly Element[]): boolean {
    const rules = piece.flatMap((element) => ('rule' in element ? [element.rule] : []));
    return rules.length > 0 && !rules.some((rule) => this.#nested.has(rule));
  }

  #placePiece(piece: readonly Element[], rule: number): number {
    const key = JSON.stringify(piece);
    const known = this.#pieces.get(key);
    if (known !== undefined) return known;
    const place = this.#rules.push({ name: this.#rules[rule]?.name ?? 'root', ways: [piece] }) - 1;
    this.#pieces.set(key, place);
    return place;
  }

  /** The first rule of a piece's automaton; null where it has too many states. */
  *#automaton(piece: number): Steps<number | null> {
    const known = this.#automata.get(piece);
    if (known !== undefined) return known;
    const states = yield* this.#statesOf(piece);
    const first = this.#merged.length;
    if (states) {
      const { name = 'root' } = this.#rules[piece] ?? {};
      for (const { ends, moves } of states) {
        const ways = moves.map(({ ranges, to }): Element[] => {
          const isOver = states[to]?.ends === true && states[to].moves.length === 0;
          return [{ ranges }, ...(isOver ? [] : [{ rule: first + to }])];
        });
        this.#merged.push({ name, ways: ends ? [...ways, []] : ways });
      }
    }
    this.#automata.set(piece, states && first);
    return states && first;
  }

  *#statesOf(piece: number): Steps<AutomatonState[] | null> {
    const states: (AutomatonState & { stacks: readonly Stack[] })[] = [];
    const known = new Map<string, number>();
    const stateOf = (stacks: readonly Stack[]): number => {
      const key = stacks.map((stack) => stack.join()).sort().join(';'); // prettier-ignore
      const at =
        known.get(key) ?? states.push({ stacks, ends: stacks.some(({ length }) => length === 0), moves: [] }) - 1;
      known.set(key, at);
      this.#work.spend(stacks.reduce((sum, { length }) => sum + length, 1));
      return at;
    };
    stateOf(this.#places.startOf(piece));
    for (const state of states) {
      if (states.length > mostStates) return null;
      yield;
      const stacks = state.stacks.filter(({ length }) => length > 0);
      this.#work.spend(stacks.reduce((sum, [place = 0]) => sum + this.#places.rangesAt(place).length, 0));
      const byTarget = new Map<number, CodeRange[]>();
      const targets = new Map<string, number>();
      for (const { range, readers } of charSections(stacks.map(([place = 0]) => this.#places.rangesAt(place)))) {
        const key = readers.join();
        const to = targets.get(key) ?? stateOf(distinct(readers.flatMap((at) => this.#places.after(stacks[at] ?? []))));
        targets.set(key, to);
        byTarget.set(to, [...(byTarget.get(to) ?? []), range]);
      }
      state.moves = [...byTarget].map(([to, ranges]) => ({ to, ranges: mergeRanges(ranges) }));
    }
    return mergeStates(states);
  }
}
