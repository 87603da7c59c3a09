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

/**
 * Grammars by format: admission compiles a format first, then decoding needs it again, and the largest take a second.
 */
const compiled = new WeakMap<ResponseFormat, JsonGrammar>();

/**
 * The grammar of a response format, compiled in small steps.
 *
 * @throws HeadwayError `invalid-request`, naming the field, for what a grammar cannot enforce in a strict format
 */
export function* formatGrammar(format: ResponseFormat): Steps<JsonGrammar> {
  const grammar = compiled.get(format) ?? (yield* compile(format));
  compiled.set(format, grammar);
  return grammar;
}

/** As `formatGrammar`, in one synchronous step. @throws HeadwayError as `formatGrammar` */
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

/** The schema of a JSON format; a format without one allows any object. */
export function formatSchema({ schema }: { schema?: Record<string, unknown> | undefined }): Record<string, unknown> {
  return schema ?? { type: 'object' };
}
