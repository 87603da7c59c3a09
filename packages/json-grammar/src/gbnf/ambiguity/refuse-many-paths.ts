import { Crossings, type Crossing } from './crossings.ts';
import { grammarBounds } from '../rules/grammar-bounds.ts';
import type { ReadingState } from './reading-states.ts';
import type { Steps } from '../steps.ts';
import type { Work } from '../work.ts';

/** Characters of a token of several; those that are longer say one or two over and over. */
const tokenLength = 24;

/** Of a token of one or two characters over and over, such as spaces. */
const runLength = 192;

export interface PathOptions {
  work: Work;
  /** What is thrown when a text that stands here is read in too many ways. */
  refusal: (state: ReadingState) => Error;
}

/**
 * Refuses what reads one token in too many ways. llama.cpp follows each of them by itself, also where ways meet again, so
 * that ways that fork and meet with every few characters are more than it can ever follow.
 */
export function* refuseManyPaths(states: readonly ReadingState[], options: PathOptions): Steps<void> {
  const crossings = new Crossings(options.work);
  const begins = states.map((state) => crossings.begin(state));
  yield* refuseTokens(crossings, begins, options);
  yield* refuseRuns(crossings, begins, options);
}

/** By any characters: the most ways through so many of them, from each crossing, by those through one less. */
function* refuseTokens(crossings: Crossings, begins: readonly Crossing[], { work, refusal }: PathOptions): Steps<void> {
  const reached = new Set(begins);
  const most = new Map<Crossing, number>();
  let edge: Crossing[] = [...begins];
  for (let length = 0; length < tokenLength && edge.length > 0; length++) {
    yield;
    edge = edge.flatMap((crossing) =>
      crossings.stepsFrom(crossing).flatMap(({ to }) => {
        if (reached.has(to)) return [];
        if (to.sum > grammarBounds.paths) throw refusal(to.state);
        reached.add(to);
        return [to];
      }),
    );
  }
  const outside = new Set(edge);
  const inside = [...reached].filter((crossing) => !outside.has(crossing));
  for (let length = 0; length < tokenLength; length++) {
    yield;
    let changed = false;
    const counts = inside.map((crossing) => {
      let paths = crossing.sum;
      for (const { to, times } of crossings.stepsFrom(crossing))
        paths = Math.max(paths, times * (most.get(to) ?? to.sum));
      work.spend(1);
      if (paths > grammarBounds.paths) throw refusal(crossing.state);
      changed ||= paths !== (most.get(crossing) ?? crossing.sum);
      return paths;
    });
    if (!changed) return;
    inside.forEach((crossing, at) => most.set(crossing, counts[at] ?? 1));
  }
}

/** By one character over and over, or by two in turn, from wherever ways meet. */
function* refuseRuns(crossings: Crossings, begins: readonly Crossing[], { work, refusal }: PathOptions): Steps<void> {
  const meeting = begins.flatMap((begin) =>
    crossings
      .stepsFrom(begin)
      .filter(({ to, times }) => times > 1 || to.ways.some((ways) => ways > 1))
      .map((step) => ({ begin, ...step })),
  );
  for (const { begin, to, move } of meeting) {
    yield;
    const seconds = new Set(to.state.moves.flatMap(({ sections }) => sections));
    for (const first of move.sections) for (const second of seconds) refuseRun(begin, [first, second]);
  }

  function refuseRun(begin: Crossing, turns: readonly [number, number]): void {
    const seen = new Set<string>();
    const open = [{ crossing: begin, ways: 1, length: 0 }];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const { crossing, ways, length } = at;
      if (ways * crossing.sum > grammarBounds.runPaths) throw refusal(crossing.state);
      if (length >= runLength) continue;
      const section = turns[length % 2] ?? 0;
      for (const { to, times, move } of crossings.stepsFrom(crossing)) {
        work.spend(1);
        if (!move.sections.includes(section)) continue;
        // With as many ways it goes on as it did before.
        const key = `${to.id},${ways * times},${length % 2}`;
        if (seen.has(key)) continue;
        seen.add(key);
        open.push({ crossing: to, ways: ways * times, length: length + 1 });
      }
    }
  }
}
