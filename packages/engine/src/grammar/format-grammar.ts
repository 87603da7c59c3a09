import type { ResponseFormat } from '@headway/protocol';

import {
  compileChoices,
  compileGrammar,
  compileJsonGrammar,
  compileRegex,
  type JsonGrammar,
  runNow,
  type Steps,
} from '@headway/json-grammar';

/** Those that were made when their requests were taken: the largest take a second. */
const known = new WeakMap<ResponseFormat, JsonGrammar>();

/**
 * The grammar of an answer in a format, in small steps.
 *
 * @throws HeadwayError `invalid-request`, naming the field, for what cannot be kept and may not be left out
 */
export function* formatGrammar(format: ResponseFormat): Steps<JsonGrammar> {
  const grammar = known.get(format) ?? (yield* compile(format));
  known.set(format, grammar);
  return grammar;
}

/** The same at once. @throws HeadwayError as `formatGrammar` does */
export function compileFormat(format: ResponseFormat): JsonGrammar {
  return runNow(formatGrammar(format));
}

function* compile(format: ResponseFormat): Steps<JsonGrammar> {
  switch (format.type) {
    case 'json':
      return compileJsonGrammar(formatSchema(format), { field: 'responseFormat.schema', lenient: !format.strict });
    case 'grammar':
      return { gbnf: yield* compileGrammar(format.grammar, 'responseFormat.grammar'), leftOut: [] };
    case 'regex':
      return { gbnf: compileRegex(format.pattern, 'responseFormat.pattern'), leftOut: [] };
    case 'choice':
      return { gbnf: compileChoices(format.choices, 'responseFormat.choices'), leftOut: [] };
    default:
      return format satisfies never;
  }
}

/** A format without a schema is any object. */
export function formatSchema({ schema }: { schema?: Record<string, unknown> | undefined }): Record<string, unknown> {
  return schema ?? { type: 'object' };
}
