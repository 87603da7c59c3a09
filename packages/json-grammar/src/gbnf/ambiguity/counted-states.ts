import type { Move, ParseState } from './parse-states.ts';
import type { Work } from '../work.ts';

/** A parse state with the number of ways to each of its stacks, divided by their common factor. */
export interface CountedState {
  readonly state: ParseState;
  readonly ways: readonly number[];
  /** Identifies the object. */
  readonly id: number;
  /** Sum of the ways. */
  readonly sum: number;
}

/** One more character: `times` is the common factor that it adds. */
export interface Step {
  to: CountedState;
  times: number;
  move: Move;
}

/** Counts the ways to each state as parses fork and merge. Equal states with equal ways are one object. */
export class CountedStates {
  readonly #known = new Map<ParseState, Map<string, CountedState>>();
  readonly #steps = new Map<CountedState, readonly Step[]>();
  readonly #work: Work;
  #count = 0;

  constructor(work: Work) {
    this.#work = work;
  }

  /** The start of a token in a state. llama.cpp forgets the ways so far once a token is taken. */
  begin(state: ParseState): CountedState {
    return this.#counted(
      state,
      state.stacks.map(() => 1),
    );
  }

  stepsFrom(counted: CountedState): readonly Step[] {
    const known = this.#steps.get(counted);
    if (known) return known;
    const steps = counted.state.moves.flatMap((move) =>
      move.outcomes.map(({ target, becomes }): Step => {
        const ways = target.stacks.map(() => 0);
        for (const [index, at] of move.stacks.entries()) {
          for (const stack of becomes[index] ?? []) ways[stack] = (ways[stack] ?? 0) + (counted.ways[at] ?? 0);
        }
        this.#work.spend(ways.length);
        const times = Math.max(1, ways.reduce(commonDivisor, 0));
        return {
          to: this.#counted(
            target,
            ways.map((count) => count / times),
          ),
          times,
          move,
        };
      }),
    );
    this.#steps.set(counted, steps);
    return steps;
  }

  #counted(state: ParseState, ways: readonly number[]): CountedState {
    const ofState = this.#known.get(state) ?? new Map<string, CountedState>();
    this.#known.set(state, ofState);
    const key = ways.join();
    const counted = ofState.get(key) ?? {
      state,
      ways,
      id: this.#count++,
      sum: ways.reduce((sum, count) => sum + count, 0),
    };
    ofState.set(key, counted);
    return counted;
  }
}

function commonDivisor(one: number, other: number): number {
  let [a, b] = [one, other];
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
