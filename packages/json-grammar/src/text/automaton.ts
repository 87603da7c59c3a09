import type { CodeRange } from '../gbnf-rules.ts';
import { commonRanges, LanguageTooLarge, mergeRanges, type Language, type Languages } from './language.ts';

/** Most states of one text's automaton. */
const mostStates = 2_000;

/** A state: what may come next in a text, and whether the text may end. */
export interface State {
  ends: boolean;
  /** Where each character leads. Their order is part of the state's identity. */
  readonly moves: { ranges: readonly CodeRange[]; to: State }[];
}

/** Describes how a text is read, one character after another. */
export interface Reader<At> {
  start: At;
  /** Equal for positions with the same continuations. */
  keyOf: (at: At) => string | number;
  ends: (at: At) => boolean;
  moves: (at: At) => readonly (readonly [ranges: readonly CodeRange[], to: At])[];
}

/** Characters of a JSON string that need no escape, or a short one. */
const writable: readonly CodeRange[] = [
  [0x08, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x7e],
  [0xa0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/**
 * Builds the automaton of all texts that a reader accepts, without dead ends. Null where it accepts no text.
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

/** The automaton of a language's texts as JSON strings. @throws LanguageTooLarge */
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

/** Removes states from which no text can end. */
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
