import { refuse } from '../refuse.ts';
import { writeGbnf } from './rules/flat-grammar.ts';
import { flattenRules } from './rules/flatten-rules.ts';
import { grammarBounds } from './rules/grammar-bounds.ts';
import { mergeReadings } from './merge/merge-readings.ts';
import { readGbnf } from './rules/read-gbnf.ts';
import { refuseManyReadings } from './ambiguity/refuse-many-readings.ts';
import type { Steps } from './steps.ts';
import { Work } from './work.ts';

/**
 * A grammar that somebody sent, in llama.cpp's form, written anew for llama.cpp: what this reader understands is what is
 * loaded, and nothing else.
 *
 * @throws HeadwayError `invalid-request`, naming the line or the rule, for mistakes and beyond `grammarBounds`
 */
export function* compileGrammar(text: string, field = 'grammar'): Steps<string> {
  const work = new Work(grammarBounds.work, () =>
    refuse(field, 'takes too long to look through; use fewer and simpler rules, and repeat less often'),
  );
  try {
    const rules = readGbnf(text, field);
    yield;
    const flat = flattenRules(rules, field);
    yield;
    const grammar = yield* mergeReadings(flat, field, work);
    yield* refuseManyReadings(grammar, field, work);
    return writeGbnf(grammar);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw refuse(field, 'has rules within rules that are too deep; use fewer');
    throw thrown;
  }
}
