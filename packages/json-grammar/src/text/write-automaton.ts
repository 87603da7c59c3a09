import { charClass, literal, type CodeRange, type GbnfRules } from '../gbnf-rules.ts';
import type { State } from './automaton.ts';
import { commonRanges } from './language.ts';

/** Characters that JSON must escape. */
const escapes: readonly (readonly [code: number, written: string])[] = [
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
];

const plain: readonly CodeRange[] = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, 0x10ffff],
];

/**
 * A rule for all texts from a state on, each with one spelling. One rule a state gives llama.cpp one parse for any
 * text.
 */
export function defineAutomaton(rules: GbnfRules, hint: string, first: State): string {
  const states = [first];
  const seen = new Set(states);
  for (const state of states) {
    for (const { to } of state.moves) {
      if (seen.has(to)) continue;
      seen.add(to);
      states.push(to);
    }
  }
  const names = new Map<State, string>();
  // States whose next states are all defined are named by their bodies, so that equal ones share a rule.
  let open = states.reverse();
  for (let before = -1; before !== open.length;) {
    before = open.length;
    open = open.filter((state) => {
      if (state.moves.some(({ to }) => !names.has(to))) return true;
      names.set(state, state.moves.length === 0 ? '' : rules.define(hint, bodyOf(rules, state, names)));
      return false;
    });
  }
  // The other states are in cycles, or lead into one.
  for (const state of open) names.set(state, rules.reserve(hint));
  for (const state of open) rules.fill(names.get(state) ?? '', bodyOf(rules, state, names));
  return names.get(first) ?? '';
}

function bodyOf(rules: GbnfRules, { ends, moves }: State, names: ReadonlyMap<State, string>): string {
  const ways = moves.flatMap(({ ranges, to }) => {
    const after = names.get(to) ?? '';
    const asTheyAre = commonRanges(ranges, plain);
    const escaped = escapes
      .filter(([code]) => ranges.some(([from, last]) => code >= from && code <= last))
      .map(([, written]) => literal(written));
    const written = [
      ...(asTheyAre.length === 0 ? [] : [charClass(asTheyAre)]),
      ...(escaped.length > 1 ? [rules.define('escaped', escaped.join(' | '))] : escaped),
    ];
    return written.map((char) => `${char} ${after}`.trimEnd());
  });
  return [...(ends ? ['""'] : []), ...ways].join(' | ');
}
