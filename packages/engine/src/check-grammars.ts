import { HeadwayError, mayCallTools, type GenerateRequest, type Tool } from '@headway/protocol';

import { compileJsonGrammar } from './json-grammar/compile-json-grammar.ts';

type JsonSchema = NonNullable<Tool['parameters']>;

/**
 * Whether the answer can be held to the request's schemas, before anything is read for it.
 *
 * @throws HeadwayError `invalid-request`, naming the keyword that cannot be kept
 */
export function checkGrammars(request: GenerateRequest): void {
  const { responseFormat, tools = [] } = request;
  if (responseFormat) compileJsonGrammar(formatSchema(responseFormat), { field: 'responseFormat.schema' });
  if (!mayCallTools(request)) return;
  for (const [at, tool] of tools.entries()) {
    const field = `tools[${at}].parameters`;
    const { type = 'object' } = tool.parameters ?? {};
    if (type !== 'object') {
      throw new HeadwayError('invalid-request', `${field}.type: must be "object"; arguments have names`);
    }
    compileJsonGrammar(argumentsSchema(tool), { field, lenient: !tool.strict });
  }
}

/** A format without a schema is any object. */
export function formatSchema({ schema }: NonNullable<GenerateRequest['responseFormat']>): JsonSchema {
  return schema ?? { type: 'object' };
}

/** Arguments are one object; a tool without parameters takes an empty one. */
export function argumentsSchema({ parameters }: Tool): JsonSchema {
  return parameters
    ? { type: 'object', ...parameters }
    : { type: 'object', properties: {}, additionalProperties: false };
}
