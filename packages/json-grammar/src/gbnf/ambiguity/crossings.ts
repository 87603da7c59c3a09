import type { Move, ReadingState } from './reading-states.ts';
import type { Work } from '../work.ts';

/** Where a text stands, and in how many ways it has come to each of the stacks there, but for what they have in common. */
export interface Crossing {
  readonly state: ReadingState;
  readonly ways: readonly number[];
  /** Told apart by it. */
  readonly id: number;
  /** Of all its ways. */
  readonly sum: number;
}

/** What one more character makes of it: how many times as many ways there are then. */
export interface Step {
  to: Crossing;
  times: number;
  move: Move;
}

/** Finds where texts fork and meet again. Crossings in the same state with the same ways are one object. */
export class Crossings {
  readonly #known = new Map<ReadingState, Map<string, Crossing>>();
  readonly #steps = new Map<Crossing, readonly Step[]>();
  readonly #work: Work;
  #count = 0;

  constructor(work: Work) {
    this.#work = work;
  }

  /** Of a state that a token begins in: once a token is taken, the ways to it are forgotten. */
  begin(state: ReadingState): Crossing {
    return this.#crossing(
      state,
      state.stacks.map(() => 1),
    );
  }

  stepsFrom(crossing: Crossing): readonly Step[] {
    const known = this.#steps.get(crossing);
    if (known) return known;
    const steps = crossing.state.moves.flatMap((move) =>
      move.outcomes.map(({ target, becomes }): Step => {
        const ways = target.stacks.map(() => 0);
        for (const [index, at] of move.stacks.entries()) {
          for (const stack of becomes[index] ?? []) ways[stack] = (ways[stack] ?? 0) + (crossing.ways[at] ?? 0);
        }
        this.#work.spend(ways.length);
        const times = Math.max(1, ways.reduce(commonDivisor, 0));
        return {
          to: this.#crossing(
            target,
            ways.map((count) => count / times),
          ),
          times,
          move,
        };
      }),
    );
    this.#steps.set(crossing, steps);
    return steps;
  }

  #crossing(state: ReadingState, ways: readonly number[]): Crossing {
    const ofState = this.#known.get(state) ?? new Map<string, Crossing>();
    this.#known.set(state, ofState);
    const key = ways.join();
    const crossing = ofState.get(key) ?? {
      state,
      ways,
      id: this.#count++,
      sum: ways.reduce((sum, count) => sum + count, 0),
    };
    ofState.set(key, crossing);
    return crossing;
  }
}

function commonDivisor(one: number, other: number): number {
  let [a, b] = [one, other];
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
