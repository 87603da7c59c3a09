import { CountedStates, type CountedState } from './counted-states.ts';
import { grammarBounds } from '../rules/grammar-bounds.ts';
import type { ParseState } from './parse-states.ts';
import type { Steps } from '../steps.ts';
import type { Work } from '../work.ts';

/** Characters of a token with several different ones; longer tokens repeat one or two characters. */
const tokenLength = 24;

/** Characters of a token that repeats one or two, such as spaces. */
const runLength = 192;

export interface PathOptions {
  work: Work;
  /** The error for a state in which a text has too many paths. */
  refusal: (state: ParseState) => Error;
}

/**
 * Refuses a grammar that reads one token in too many ways. llama.cpp follows each path by itself, even after paths
 * merge, so paths that fork and merge every few characters are too many to follow.
 */
export function* refuseManyPaths(states: readonly ParseState[], options: PathOptions): Steps<void> {
  const countedStates = new CountedStates(options.work);
  const begins = states.map((state) => countedStates.begin(state));
  yield* refuseTokens(countedStates, begins, options);
  yield* refuseRuns(countedStates, begins, options);
}

/** Any characters: computes the most paths of each length from each state, by those of one character less. */
function* refuseTokens(
  countedStates: CountedStates,
  begins: readonly CountedState[],
  { work, refusal }: PathOptions,
): Steps<void> {
  const reached = new Set(begins);
  const most = new Map<CountedState, number>();
  let edge: CountedState[] = [...begins];
  for (let length = 0; length < tokenLength && edge.length > 0; length++) {
    yield;
    edge = edge.flatMap((counted) =>
      countedStates.stepsFrom(counted).flatMap(({ to }) => {
        if (reached.has(to)) return [];
        if (to.sum > grammarBounds.paths) throw refusal(to.state);
        reached.add(to);
        return [to];
      }),
    );
  }
  const outside = new Set(edge);
  const inside = [...reached].filter((counted) => !outside.has(counted));
  for (let length = 0; length < tokenLength; length++) {
    yield;
    let changed = false;
    const counts = inside.map((counted) => {
      let paths = counted.sum;
      for (const { to, times } of countedStates.stepsFrom(counted))
        paths = Math.max(paths, times * (most.get(to) ?? to.sum));
      work.spend(1);
      if (paths > grammarBounds.paths) throw refusal(counted.state);
      changed ||= paths !== (most.get(counted) ?? counted.sum);
      return paths;
    });
    if (!changed) return;
    inside.forEach((counted, at) => most.set(counted, counts[at] ?? 1));
  }
}

/** One character repeated, or two alternating, from every state where paths merge. */
function* refuseRuns(
  countedStates: CountedStates,
  begins: readonly CountedState[],
  { work, refusal }: PathOptions,
): Steps<void> {
  const meeting = begins.flatMap((begin) =>
    countedStates
      .stepsFrom(begin)
      .filter(({ to, times }) => times > 1 || to.ways.some((ways) => ways > 1))
      .map((step) => ({ begin, ...step })),
  );
  for (const { begin, to, move } of meeting) {
    yield;
    const seconds = new Set(to.state.moves.flatMap(({ sections }) => sections));
    for (const first of move.sections) for (const second of seconds) refuseRun(begin, [first, second]);
  }

  function refuseRun(begin: CountedState, pair: readonly [number, number]): void {
    const seen = new Set<string>();
    const open = [{ counted: begin, ways: 1, length: 0 }];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const { counted, ways, length } = at;
      if (ways * counted.sum > grammarBounds.runPaths) throw refusal(counted.state);
      if (length >= runLength) continue;
      const section = pair[length % 2] ?? 0;
      for (const { to, times, move } of countedStates.stepsFrom(counted)) {
        work.spend(1);
        if (!move.sections.includes(section)) continue;
        // The same number of ways continues as before.
        const key = `${to.id},${ways * times},${length % 2}`;
        if (seen.has(key)) continue;
        seen.add(key);
        open.push({ counted: to, ways: ways * times, length: length + 1 });
      }
    }
  }
}
