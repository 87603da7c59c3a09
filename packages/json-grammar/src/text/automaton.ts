import type { CodeRange } from '../gbnf-rules.ts';
import { commonRanges, LanguageTooLarge, mergeRanges, type Language, type Languages } from './language.ts';

/** States of one text; what needs more is too much for a grammar. */
const mostStates = 2_000;

/** What may come next in a text, and whether it may end. */
export interface State {
  ends: boolean;
  /** Where each character leads, told apart by their order. */
  readonly moves: { ranges: readonly CodeRange[]; to: State }[];
}

/** How a text is read, one character after another. */
export interface Reader<At> {
  start: At;
  /** Equal for places that all goes on from in the same way. */
  keyOf: (at: At) => string | number;
  ends: (at: At) => boolean;
  moves: (at: At) => readonly (readonly [ranges: readonly CodeRange[], to: At])[];
}

/** What a string may be written with: without escapes, or with a short one. */
const writable: readonly CodeRange[] = [
  [0x08, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x7e],
  [0xa0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/**
 * The states of all texts that a reader takes, the first of them; none leads nowhere. Null where it takes no text.
 *
 * @throws LanguageTooLarge
 */
export function automaton<At>({ start, keyOf, ends, moves }: Reader<At>): State | null {
  const states = new Map<string | number, State>();
  const open: { at: At; state: State }[] = [];
  const stateOf = (at: At): State => {
    const key = keyOf(at);
    const known = states.get(key);
    if (known !== undefined) return known;
    const state: State = { ends: ends(at), moves: [] };
    states.set(key, state);
    if (states.size > mostStates) throw new LanguageTooLarge();
    open.push({ at, state });
    return state;
  };
  const first = stateOf(start);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const byTarget = new Map<State, CodeRange[]>();
    for (const [ranges, to] of moves(next.at)) {
      const target = stateOf(to);
      byTarget.set(target, [...(byTarget.get(target) ?? []), ...ranges]);
    }
    for (const [to, ranges] of byTarget) next.state.moves.push({ ranges: mergeRanges(ranges), to });
  }
  return trimmed(first, [...states.values()]);
}

/** The texts of a language, as JSON strings can have them. @throws LanguageTooLarge */
export function languageAutomaton(languages: Languages, language: Language): State | null {
  return automaton<Language>({
    start: language,
    keyOf: ({ id }) => id,
    ends: ({ nullable }) => nullable,
    moves: (at) => languageMoves(languages, at, writable),
  });
}

/** Where each of these characters leads in a language. @throws LanguageTooLarge */
export function languageMoves(
  languages: Languages,
  at: Language,
  chars: readonly CodeRange[],
): (readonly [ranges: readonly CodeRange[], to: Language])[] {
  const cuts = languages.cuts(at);
  languages.spend(cuts.length);
  return cuts.flatMap((first, section) => {
    const last = (cuts[section + 1] ?? 0x110000) - 1;
    const ranges = commonRanges(chars, [[first, last]]);
    const [sample] = ranges;
    if (sample === undefined) return [];
    const to = languages.after(at, sample[0]);
    return to === languages.nothing ? [] : [[ranges, to] as const];
  });
}

/** Takes away what no text comes through. */
function trimmed(first: State, states: readonly State[]): State | null {
  const from = new Map<State, State[]>();
  for (const state of states) {
    for (const { to } of state.moves) from.set(to, [...(from.get(to) ?? []), state]);
  }
  const alive = new Set(states.filter(({ ends }) => ends));
  for (const state of alive) for (const before of from.get(state) ?? []) alive.add(before);
  if (!alive.has(first)) return null;
  for (const { moves } of alive) moves.splice(0, moves.length, ...moves.filter(({ to }) => alive.has(to)));
  return first;
}
