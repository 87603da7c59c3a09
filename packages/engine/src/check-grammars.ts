import { HeadwayError, isHeadwayError, mayCallTools, type GenerateRequest, type Tool } from '@headway/protocol';

import { compileJsonGrammar, type JsonGrammar } from './json-grammar/compile-json-grammar.ts';

type JsonSchema = NonNullable<Tool['parameters']>;

/** UTF-8 bytes of the schemas of all tools together; compiling the largest takes a second, in steps of a tenth. */
const maxSchemaBytes = 524_288;

/**
 * Whether the answer can be held to the request's schemas, before anything is read for it. Lets the event loop turn
 * after each schema.
 *
 * @throws HeadwayError `invalid-request`, naming the keyword that cannot be kept; the signal's reason when it aborts
 */
export async function checkGrammars(request: GenerateRequest, signal: AbortSignal): Promise<void> {
  const { responseFormat, tools = [] } = request;
  if (responseFormat) compileJsonGrammar(formatSchema(responseFormat), { field: 'responseFormat.schema' });
  if (!mayCallTools(request)) return;
  let bytes = 0;
  for (const [at, tool] of tools.entries()) {
    if (!tool.parameters) continue;
    const field = `tools[${at}].parameters`;
    const { type = 'object' } = tool.parameters;
    if (type !== 'object') {
      throw new HeadwayError('invalid-request', `${field}.type: must be "object"; arguments have names`);
    }
    bytes += Buffer.byteLength(JSON.stringify(tool.parameters));
    if (bytes > maxSchemaBytes) {
      throw new HeadwayError(
        'invalid-request',
        `tools: their schemas have more than ${maxSchemaBytes / 1024} kB together; send fewer tools, or shorter schemas`,
      );
    }
    compileArguments(tool, { field });
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
}

/**
 * The grammar of a tool's arguments. A schema that is too much for a grammar leaves the arguments of a tool that is not
 * strict any object: a call is worth more than a refusal there.
 *
 * @throws HeadwayError `invalid-request`, where the tool is strict
 */
export function compileArguments(tool: Tool, options: { field?: string; suffix?: string }): JsonGrammar {
  const { strict } = tool;
  try {
    return compileJsonGrammar(argumentsSchema(tool), { ...options, lenient: !strict });
  } catch (thrown) {
    if (strict || !isHeadwayError(thrown)) throw thrown;
    return compileJsonGrammar({ type: 'object' }, options);
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
