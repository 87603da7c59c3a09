import type { CodeRange } from '../../gbnf-rules.ts';
import { mergeRanges } from '../../text/language.ts';

/** A state of a finite automaton: whether a text may end there, and the index of the next state for each character. */
export interface AutomatonState {
  ends: boolean;
  moves: { ranges: readonly CodeRange[]; to: number }[];
}

/** Merges states with equal continuations, apart from cycles. The first state stays the first. */
export function mergeStates(states: readonly AutomatonState[]): AutomatonState[] {
  const classes: (number | undefined)[] = states.map(() => undefined);
  const known = new Map<string, number>();
  // States that were found last mostly end the others' texts.
  const order = [...states.keys()].reverse();
  for (let count = -1; count !== known.size;) {
    count = known.size;
    for (const at of order) {
      const state = states[at];
      if (classes[at] !== undefined || !state?.moves.every(({ to }) => to === at || classes[to] !== undefined))
        continue;
      const key = keyOf(state, (to) => (to === at ? 'itself' : classes[to]));
      const place = known.get(key) ?? at;
      known.set(key, place);
      classes[at] = place;
    }
  }
  const kept = [...states.keys()].filter((at) => at === 0 || (classes[at] ?? at) === at);
  const placeOf = new Map(kept.map((at, place) => [at, place]));
  return kept.flatMap((at) => {
    const state = states[at];
    return state ? [{ ends: state.ends, moves: joined(state, (to) => placeOf.get(classes[to] ?? to) ?? 0) }] : [];
  });
}

function keyOf(state: AutomatonState, classOf: (to: number) => unknown): string {
  const moves = state.moves.map(({ ranges, to }) => `${String(classOf(to))}:${ranges.join()}`).sort();
  return `${state.ends}|${moves.join('|')}`;
}

function joined({ moves }: AutomatonState, classOf: (to: number) => number): AutomatonState['moves'] {
  const byClass = new Map<number, CodeRange[]>();
  for (const { ranges, to } of moves) byClass.set(classOf(to), [...(byClass.get(classOf(to)) ?? []), ...ranges]);
  return [...byClass].map(([to, ranges]) => ({ to, ranges: mergeRanges(ranges) }));
}
