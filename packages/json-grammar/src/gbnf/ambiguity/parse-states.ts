import { charSections } from '../rules/char-sections.ts';
import { grammarBounds } from '../rules/grammar-bounds.ts';
import { distinct, type GrammarPlaces, type Stack } from '../rules/grammar-places.ts';
import { SharedPlaces } from './shared-places.ts';
import type { Steps } from '../steps.ts';
import type { Work } from '../work.ts';

/** Below the outermost stack. */
const bottom = -1;

export interface ParseStateOptions {
  work: Work;
  /** The error for too many stacks that begin like the one at this place. */
  refusal: (place: number) => Error;
}

/** The stacks that one text can lead to, without the part that all of them share. */
export interface ParseState {
  readonly stacks: readonly Stack[];
  readonly moves: readonly Move[];
}

interface FoundState extends ParseState {
  moves: readonly Move[];
  reads: readonly Read[] | null;
  /** What may be below its stacks: places, or the bottom. */
  readonly below: SharedPlaces<FoundState>;
}

/** A character that some of the stacks read. */
export interface Move {
  /** Sections of the characters with the same effect. */
  readonly sections: readonly number[];
  /** Indices of the stacks that read it. */
  readonly stacks: readonly number[];
  /** The next states, by what is below: for each of these stacks, the stacks of the target that it becomes. */
  readonly outcomes: { target: ParseState; becomes: readonly (readonly number[])[] }[];
}

/**
 * Finds all parse states of a grammar. A grammar is a pushdown automaton, and this makes it deterministic: a state is
 * the set of stacks that one text can lead to, without the part below that all of them share, of which only the
 * possible places are kept. A grammar with few parses has few states.
 *
 * @throws the refusal where one text has too many parses at once
 */
export function parseStates(places: GrammarPlaces, options: ParseStateOptions): Steps<ParseState[]> {
  return new StateFinder(places, options).states();
}

class StateFinder {
  readonly #refusal: ParseStateOptions['refusal'];
  readonly #places: GrammarPlaces;
  readonly #states = new Map<string, FoundState>();
  /** What may be below a place where a rule continues. */
  readonly #frames = new Map<number, Below>();
  readonly #open = new Set<FoundState>();
  readonly #end: Below = new SharedPlaces();
  /** Sections of characters that each place reads. */
  readonly #sections: readonly (readonly number[])[];
  readonly #work: Work;

  constructor(places: GrammarPlaces, { work, refusal }: ParseStateOptions) {
    this.#places = places;
    this.#work = work;
    this.#refusal = refusal;
    this.#end.put(bottom);
    work.spend(places.all.reduce((sum, { length }) => sum + length, 0));
    const sections = places.all.map((): number[] => []);
    for (const [section, { readers }] of charSections(places.all).entries()) {
      work.spend(readers.length);
      for (const place of readers) sections[place]?.push(section);
    }
    this.#sections = sections;
  }

  *states(): Steps<ParseState[]> {
    this.#arrivals(this.#places.startOf(0), this.#end, null);
    for (const state of this.#open) {
      this.#open.delete(state);
      state.moves = this.#movesOf(state);
      yield;
    }
    return [...this.#states.values()];
  }

  /** A move that ends all known places is computed again when more places are known below. */
  #movesOf(state: FoundState): Move[] {
    state.reads ??= this.#readsOf(state.stacks);
    return state.reads.map((read, at): Move => {
      const before = state.moves[at];
      const { sections, stacks, after, all } = read;
      if (before && all.every(({ length }) => length > 0)) return before;
      const outcomes = this.#arrivals(all, state.below, state).map(({ state: target, becomes }) => ({
        target,
        becomes: after.map((ways) => [...new Set(ways.flatMap((way) => becomes.get(way.join()) ?? []))]),
      }));
      return { sections, stacks, outcomes };
    });
  }

  #readsOf(stacks: readonly Stack[]): Read[] {
    return this.#readersOf(stacks).map(({ readers, sections }) => {
      const after = readers.map((at) => this.#places.after(stacks[at] ?? []));
      const all = distinct(after.flat());
      this.#work.spend(sizeOf(all));
      return { sections, stacks: readers, after, all };
    });
  }

  /** For each character that any of the stacks reads: which stacks read it. */
  #readersOf(stacks: readonly Stack[]): { readers: number[]; sections: number[] }[] {
    const bySection = new Map<number, number[]>();
    for (const [at, [place = 0]] of stacks.entries()) {
      const sections = this.#sections[place] ?? [];
      this.#work.spend(sections.length);
      for (const section of sections) {
        const readers = bySection.get(section);
        if (readers) readers.push(at);
        else bySection.set(section, [at]);
      }
    }
    const moves = new Map<string, { readers: number[]; sections: number[] }>();
    for (const [section, readers] of bySection) {
      const key = readers.join();
      const known = moves.get(key);
      if (known) known.sections.push(section);
      else moves.set(key, { readers, sections: [section] });
    }
    return [...moves.values()];
  }

  /** The states that these stacks become, by what is below them, and the stack of the state for each of them. */
  #arrivals(stacks: readonly Stack[], below: Below, observer: FoundState | null, seen = new Set<string>()): Arrival[] {
    this.#work.spend(sizeOf(stacks));
    const whole = stacks.filter(({ length }) => length > 0);
    if (whole.length === stacks.length) return [this.#arrive(stacks, below)];
    return below.observe(observer).flatMap((place): Arrival[] => {
      if (place === bottom) return whole.length === 0 ? [] : [this.#arrive(whole, this.#end)];
      const ended = this.#places.settled([place]);
      const over = whole.map((stack) => [...stack, place]);
      const all = distinct([...over, ...ended]);
      const key = `${place}:${all.map((stack) => stack.join()).join(';')}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return this.#arrivals(all, this.#frame(place), observer, seen).map(({ state, becomes }) => {
        const here = new Map<string, readonly number[]>();
        for (const stack of whole) here.set(stack.join(), becomes.get([...stack, place].join()) ?? []);
        here.set('', [...new Set(ended.flatMap((stack) => becomes.get(stack.join()) ?? []))]);
        return { state, becomes: here };
      });
    });
  }

  #arrive(arrived: readonly Stack[], below: Below): Arrival {
    const [first = []] = arrived;
    const place = first[0] ?? 0;
    if (arrived.length > grammarBounds.parses) throw this.#refusal(place);
    const common = commonBelow(arrived);
    const stacks = arrived.map((stack) => stack.slice(0, stack.length - common.length));
    if (stacks.some(({ length }) => length > grammarBounds.nesting)) {
      throw this.#refusal(place);
    }
    const keys = stacks.map((stack) => stack.join());
    const sorted = keys.toSorted();
    const state = this.#stateOf(sorted);
    let above = state.below;
    for (const frame of common) {
      this.#lookAgain(above.put(frame));
      above = this.#frame(frame);
    }
    this.#lookAgain(above.join(below));
    const placeOf = new Map(sorted.map((key, at) => [key, at]));
    return { state, becomes: new Map(arrived.map((stack, at) => [stack.join(), [placeOf.get(keys[at] ?? '') ?? 0]])) };
  }

  #stateOf(keys: readonly string[]): FoundState {
    const key = keys.join(';');
    const known = this.#states.get(key);
    if (known) return known;
    const stacks = keys.map((one) => one.split(',').map(Number));
    const state: FoundState = { stacks, moves: [], reads: null, below: new SharedPlaces() };
    this.#states.set(key, state);
    this.#open.add(state);
    return state;
  }

  #frame(place: number): Below {
    const frame = this.#frames.get(place) ?? new SharedPlaces();
    this.#frames.set(place, frame);
    return frame;
  }

  #lookAgain(states: Iterable<FoundState>): void {
    for (const state of states) this.#open.add(state);
  }
}

/** A character that some stacks read, and the stacks after it as far as the places below are known. */
interface Read extends Omit<Move, 'outcomes'> {
  after: readonly (readonly Stack[])[];
  all: readonly Stack[];
}

type Below = SharedPlaces<FoundState>;

interface Arrival {
  state: FoundState;
  /** For each stack that arrived, the stacks of the state that it is. */
  becomes: ReadonlyMap<string, readonly number[]>;
}

/** The part that all stacks share below their innermost place. */
function commonBelow(stacks: readonly Stack[]): Stack {
  const [first = []] = stacks;
  const most = Math.min(...stacks.map(({ length }) => length)) - 1;
  let common = 0;
  const isCommon = (at: number) => stacks.every((stack) => stack.at(-at) === first.at(-at));
  while (common < most && isCommon(common + 1)) common++;
  return first.slice(first.length - common);
}

function sizeOf(stacks: readonly Stack[]): number {
  return stacks.reduce((sum, { length }) => sum + length, 1);
}
