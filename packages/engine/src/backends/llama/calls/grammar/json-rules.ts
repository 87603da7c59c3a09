import { isHeadwayError } from '@headway/protocol';

import { compileJsonGrammar } from '@headway/json-grammar';
import { prefixRules } from './prefix-rules.ts';

/** The grammar of a value; a schema that is too much for one, or stands on others, allows any. */
export function jsonRules(schema: unknown, prefix: string): string {
  try {
    return prefixRules(compileJsonGrammar(schema, { lenient: true }).gbnf, prefix);
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    return prefixRules(compileJsonGrammar(true).gbnf, prefix);
  }
}
