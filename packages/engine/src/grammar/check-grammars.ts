import { fieldError, isHeadwayError, mayCallTools, type GenerateRequest, type Tool } from '@headway/protocol';

import { formatGrammar, formatSchema } from './format-grammar.ts';
import { compileJsonGrammar, type JsonGrammar, type JsonGrammarOptions, runInSteps } from '@headway/json-grammar';
import { SchemaCheck } from './schema-check.ts';

type JsonSchema = NonNullable<Tool['parameters']>;

/** UTF-8 bytes of all tools' schemas together. Compiling the largest takes a second, in steps of 0.1 s. */
const maxSchemaBytes = 524_288;

/**
 * Compiles the grammars of a request's format and tools, before prefill. Returns what they cannot enforce. Yields to
 * the event loop after each schema.
 *
 * @throws HeadwayError `invalid-request`, naming the keyword, when a strict schema has one that a grammar cannot
 * enforce; the signal's reason when it aborts
 */
export async function checkGrammars(request: GenerateRequest, signal: AbortSignal): Promise<SchemaCheck> {
  const { responseFormat, tools = [] } = request;
  const schemaCheck = new SchemaCheck();
  if (responseFormat) {
    const grammar = await runInSteps(formatGrammar(responseFormat), signal);
    if (responseFormat.type === 'json') schemaCheck.addFormat(formatSchema(responseFormat), grammar);
  }
  if (!mayCallTools(request)) return schemaCheck;
  let bytes = 0;
  for (const [at, tool] of tools.entries()) {
    if (!tool.parameters) continue;
    const field = `tools[${at}].parameters`;
    const { type = 'object' } = tool.parameters;
    if (type !== 'object' && !allowsObject(type)) {
      const path = ['tools', at, 'parameters', 'type'];
      throw fieldError({ path, message: 'must be "object", because a call names its arguments', expected: '"object"' });
    }
    bytes += Buffer.byteLength(JSON.stringify(tool.parameters));
    if (bytes > maxSchemaBytes) {
      const message = `the schemas have more than ${maxSchemaBytes / 1024} kB together; send fewer tools or shorter schemas`;
      throw fieldError({ path: ['tools'], message });
    }
    schemaCheck.addTool(tool.name, argumentsSchema(tool), compileArguments(tool, { field }));
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return schemaCheck;
}

/**
 * The grammar of a tool's arguments. When a schema is too large for a grammar and the tool is not strict, the grammar
 * allows any object: a call is worth more than a refusal.
 *
 * @throws HeadwayError `invalid-request`, if the tool is strict
 */
export function compileArguments(tool: Tool, options: Pick<JsonGrammarOptions, 'field' | 'suffix'>): JsonGrammar {
  const { strict } = tool;
  try {
    return compileJsonGrammar(argumentsSchema(tool), { ...options, lenient: !strict });
  } catch (thrown) {
    if (strict || !isHeadwayError(thrown)) throw thrown;
    return { ...compileJsonGrammar({ type: 'object' }, options), leftOut: [options.field ?? 'parameters'] };
  }
}

/** The schema of a tool's arguments: always one object, an empty one for a tool without parameters. */
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

/** Whether a list of types includes "object", such as ["object", "null"]. */
function allowsObject(type: unknown): boolean {
  return Array.isArray(type) && type.includes('object');
}
