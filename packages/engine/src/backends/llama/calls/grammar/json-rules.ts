import { isHeadwayError } from '@headway/protocol';

import { compileJsonGrammar } from '@headway/json-grammar';
import { prefixRules } from './prefix-rules.ts';

/** The grammar of a JSON value. A schema that is too large for one, or refers to others, allows any value. */
export function jsonRules(schema: unknown, prefix: string): string {
  try {
    return prefixRules(compileJsonGrammar(schema, { lenient: true }).gbnf, prefix);
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    return prefixRules(compileJsonGrammar(true).gbnf, prefix);
  }
}
