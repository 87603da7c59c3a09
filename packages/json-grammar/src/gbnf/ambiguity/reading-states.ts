import { charSections } from '../rules/char-sections.ts';
import { grammarBounds } from '../rules/grammar-bounds.ts';
import { distinct, type GrammarPlaces, type Stack } from '../rules/grammar-places.ts';
import { Holder } from './holders.ts';
import type { Steps } from '../steps.ts';
import type { Work } from '../work.ts';

/** What stands below a stack when nothing does. */
const bottom = -1;

export interface ReadingOptions {
  work: Work;
  /** What is thrown where too many stacks begin like the one at this place. */
  refusal: (place: number) => Error;
}

/** Stacks that one text can have come to, as far up as they are not the same. */
export interface ReadingState {
  readonly stacks: readonly Stack[];
  readonly moves: readonly Move[];
}

interface FoundState extends ReadingState {
  moves: readonly Move[];
  reads: readonly Read[] | null;
  /** What may stand below its stacks: places, or the bottom. */
  readonly below: Holder<FoundState>;
}

/** A character that some of the stacks can read. */
export interface Move {
  /** The sections of all characters that are read so. */
  readonly sections: readonly number[];
  /** Which of them. */
  readonly stacks: readonly number[];
  /** Where it leads, by what stands below: for each of them, which stacks of the target it becomes. */
  readonly outcomes: { target: ReadingState; becomes: readonly (readonly number[])[] }[];
}

/**
 * All that a text can have come to. A grammar is a pushdown automaton; this one is made deterministic: its states are the
 * stacks that one text can have come to, but for what all of them have in common below, of which it is enough to know what
 * may stand there. Grammars without many readings have few such states.
 *
 * @throws the refusal where a text has too many readings at once
 */
export function readingStates(places: GrammarPlaces, options: ReadingOptions): Steps<ReadingState[]> {
  return new StateFinder(places, options).states();
}

class StateFinder {
  readonly #refusal: ReadingOptions['refusal'];
  readonly #places: GrammarPlaces;
  readonly #states = new Map<string, FoundState>();
  /** What may stand below a place that a rule goes on at. */
  readonly #frames = new Map<number, Below>();
  readonly #open = new Set<FoundState>();
  readonly #end: Below = new Holder();
  /** Of all characters, those that each place reads. */
  readonly #sections: readonly (readonly number[])[];
  readonly #work: Work;

  constructor(places: GrammarPlaces, { work, refusal }: ReadingOptions) {
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

  *states(): Steps<ReadingState[]> {
    this.#arrivals(this.#places.startOf(0), this.#end, null);
    for (const state of this.#open) {
      this.#open.delete(state);
      state.moves = this.#movesOf(state);
      yield;
    }
    return [...this.#states.values()];
  }

  /** What came to the end of all that it knows is looked at again when more is known of what stands below. */
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

  /** Which stacks read the same character, for all characters that any of them reads. */
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

  /** The states that these stacks come to, by what stands below them, and which stacks of theirs each of them is then. */
  #arrivals(stacks: readonly Stack[], below: Below, looker: FoundState | null, seen = new Set<string>()): Arrival[] {
    this.#work.spend(sizeOf(stacks));
    const whole = stacks.filter(({ length }) => length > 0);
    if (whole.length === stacks.length) return [this.#arrive(stacks, below)];
    return below.lookBelow(looker).flatMap((place): Arrival[] => {
      if (place === bottom) return whole.length === 0 ? [] : [this.#arrive(whole, this.#end)];
      const ended = this.#places.settled([place]);
      const over = whole.map((stack) => [...stack, place]);
      const all = distinct([...over, ...ended]);
      const key = `${place}:${all.map((stack) => stack.join()).join(';')}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return this.#arrivals(all, this.#frame(place), looker, seen).map(({ state, becomes }) => {
        const here = new Map<string, readonly number[]>();
        for (const stack of whole) here.set(stack.join(), becomes.get([...stack, place].join()) ?? []);
        here.set('', [...new Set(ended.flatMap((stack) => becomes.get(stack.join()) ?? []))]);
        return { state, becomes: here };
      });
    });
  }

  #arrive(given: readonly Stack[], below: Below): Arrival {
    const [first = []] = given;
    const place = first[0] ?? 0;
    if (given.length > grammarBounds.readings) throw this.#refusal(place);
    const common = commonBelow(given);
    const stacks = given.map((stack) => stack.slice(0, stack.length - common.length));
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
    return { state, becomes: new Map(given.map((stack, at) => [stack.join(), [placeOf.get(keys[at] ?? '') ?? 0]])) };
  }

  #stateOf(keys: readonly string[]): FoundState {
    const key = keys.join(';');
    const known = this.#states.get(key);
    if (known) return known;
    const stacks = keys.map((one) => one.split(',').map(Number));
    const state: FoundState = { stacks, moves: [], reads: null, below: new Holder() };
    this.#states.set(key, state);
    this.#open.add(state);
    return state;
  }

  #frame(place: number): Below {
    const frame = this.#frames.get(place) ?? new Holder();
    this.#frames.set(place, frame);
    return frame;
  }

  #lookAgain(states: Iterable<FoundState>): void {
    for (const state of states) this.#open.add(state);
  }
}

/** A character that some stacks read, and what they are then, as far as they know what stands below. */
interface Read extends Omit<Move, 'outcomes'> {
  after: readonly (readonly Stack[])[];
  all: readonly Stack[];
}

type Below = Holder<FoundState>;

interface Arrival {
  state: FoundState;
  /** By a stack that came, which stacks of the state it is. */
  becomes: ReadonlyMap<string, readonly number[]>;
}

/** What all stacks have in common below their innermost place. */
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
