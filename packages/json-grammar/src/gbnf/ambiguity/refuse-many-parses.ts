import type { FlatGrammar } from '../rules/flat-grammar.ts';
import { GrammarPlaces, tooManyParses } from '../rules/grammar-places.ts';
import { parseStates } from './parse-states.ts';
import { refuseManyPaths } from './refuse-many-paths.ts';
import type { Steps } from '../steps.ts';
import type { Work } from '../work.ts';

/**
 * Refuses a grammar by which a text has more parses at once than llama.cpp can follow.
 *
 * @throws HeadwayError `invalid-request`, naming the rule
 */
export function* refuseManyParses(grammar: FlatGrammar, field: string, work: Work): Steps<void> {
  const places = new GrammarPlaces(grammar, field, work);
  const refusal = (place: number) => tooManyParses(field, places.nameAt(place));
  const states = yield* parseStates(places, { work, refusal });
  yield* refuseManyPaths(states, { work, refusal: ({ stacks }) => refusal(stacks[0]?.[0] ?? 0) });
}
