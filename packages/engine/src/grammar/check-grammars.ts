import { fieldError, isHeadwayError, mayCallTools, type GenerateRequest, type Tool } from '@headway/protocol';

import { formatGrammar, formatSchema } from './format-grammar.ts';
import { compileJsonGrammar, type JsonGrammar, runInTurns } from '@headway/json-grammar';
import { KeptSchemas } from './kept-schemas.ts';

type JsonSchema = NonNullable<Tool['parameters']>;

/** UTF-8 bytes of the schemas of all tools together; compiling the largest takes a second, in steps of a tenth. */
const maxSchemaBytes = 524_288;

/**
 * Holds the answer to the request's schemas, as far as grammars can, before anything is read for it. Lets the event loop
 * turn after each schema.
 *
 * @throws HeadwayError `invalid-request`, naming the keyword that cannot be kept and may not be left out; the signal's
 * reason when it aborts
 */
export async function checkGrammars(request: GenerateRequest, signal: AbortSignal): Promise<KeptSchemas> {
  const { responseFormat, tools = [] } = request;
  const kept = new KeptSchemas();
  if (responseFormat) {
    const grammar = await runInTurns(formatGrammar(responseFormat), signal);
    if (responseFormat.type === 'json') kept.ofFormat(formatSchema(responseFormat), grammar);
  }
  if (!mayCallTools(request)) return kept;
  let bytes = 0;
  for (const [at, tool] of tools.entries()) {
    if (!tool.parameters) continue;
    const field = `tools[${at}].parameters`;
    const { type = 'object' } = tool.parameters;
    if (type !== 'object' && !allowsObject(type)) {
      const path = ['tools', at, 'parameters', 'type'];
      throw fieldError({ path, message: 'must be "object"; arguments have names', expected: '"object"' });
    }
    bytes += Buffer.byteLength(JSON.stringify(tool.parameters));
    if (bytes > maxSchemaBytes) {
      const message = `their schemas have more than ${maxSchemaBytes / 1024} kB together; send fewer tools, or shorter schemas`;
      throw fieldError({ path: ['tools'], message });
    }
    kept.ofTool(tool.name, argumentsSchema(tool), compileArguments(tool, { field }));
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return kept;
}

interface CompileOptions {
  /** The field that the schema came in; errors begin with it. */
  field?: string;
  suffix?: string;
}

/**
 * The grammar of a tool's arguments. A schema that is too much for a grammar leaves the arguments of a tool that is not
 * strict any object: a call is worth more than a refusal there.
 *
 * @throws HeadwayError `invalid-request`, where the tool is strict
 */
export function compileArguments(tool: Tool, options: CompileOptions): JsonGrammar {
  const { strict } = tool;
  try {
    return compileJsonGrammar(argumentsSchema(tool), { ...options, lenient: !strict });
  } catch (thrown) {
    if (strict || !isHeadwayError(thrown)) throw thrown;
    return { ...compileJsonGrammar({ type: 'object' }, options), leftOut: [options.field ?? 'parameters'] };
  }
}

/** Arguments are one object; a tool without parameters takes an empty one. */
export function argumentsSchema({ parameters }: Tool): JsonSchema {
  if (!parameters) return { type: 'object', properties: {}, additionalProperties: false };
  const { type, nullable } = parameters;
  return {
    type: 'object',
    ...parameters,
    ...(allowsObject(type) && { type: 'object' }),
    ...(nullable === true && { nullable: false }),
  };
}

/** Several types of which an object is one, such as "an object or null". */
function allowsObject(type: unknown): boolean {
  return Array.isArray(type) && type.includes('object');
}
