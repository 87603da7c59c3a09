import { refuse } from '../refuse.ts';
import { writeGbnf } from './rules/flat-grammar.ts';
import { flattenRules } from './rules/flatten-rules.ts';
import { grammarBounds } from './rules/grammar-bounds.ts';
import { mergeParses } from './merge/merge-parses.ts';
import { readGbnf } from './rules/read-gbnf.ts';
import { refuseManyParses } from './ambiguity/refuse-many-parses.ts';
import type { Steps } from './steps.ts';
import { Work } from './work.ts';

/**
 * Compiles a client's GBNF grammar to a grammar for llama.cpp, which loads only what this parser understands.
 *
 * @throws HeadwayError `invalid-request`, naming the line or the rule, for mistakes and beyond `grammarBounds`
 */
export function* compileGrammar(text: string, field = 'grammar'): Steps<string> {
  const work = new Work(grammarBounds.work, () =>
    refuse(field, 'takes too long to analyze; use fewer and simpler rules, and repeat less often'),
  );
  try {
    const rules = readGbnf(text, field);
    yield;
    const flat = flattenRules(rules, field);
    yield;
    const grammar = yield* mergeParses(flat, field, work);
    yield* refuseManyParses(grammar, field, work);
    return writeGbnf(grammar);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw refuse(field, 'nests rules too deeply; use fewer levels');
    throw thrown;
  }
}
