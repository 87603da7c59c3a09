import { tool, type GenerateInput } from '@headway/protocol';
import { z } from 'zod';

import { orHostedTool, offered } from '../../../../surface/tools/hosted-tool.ts';
import { flatName } from '../../../../surface/tools/tool-namespaces.ts';

const functionTool = z.object({
  type: z.literal('function'),
  name: tool.shape.name,
  description: tool.shape.description.unwrap().nullish(),
  parameters: tool.shape.parameters.unwrap().nullish(),
  strict: z.boolean().nullish(),
});

const refuse =
  (words: (type: string) => string): z.core.$ZodErrorMap =>
  ({ code, input }) =>
    code === 'invalid_union'
      ? words(JSON.stringify((input as { type?: unknown }).type) ?? 'nothing')
      : 'expected an object with type and name';

const inNamespace = z.discriminatedUnion('type', [functionTool], {
  error: refuse((type) => `tools of type ${type} are not supported in a namespace; send tools of type "function"`),
});

const namespace = z.object({
  type: z.literal('namespace'),
  name: tool.shape.name,
  description: z.string().nullish(),
  tools: z.array(orHostedTool(inNamespace)),
});

/**
 * A tool, which here is a function, by itself or in a namespace. OpenAI's own (web_search, file_search, …), which run on
 * OpenAI's servers, are left out.
 */
export const responseTool = orHostedTool(
  z.discriminatedUnion('type', [functionTool, namespace], {
    error: refuse((type) => `tools of type ${type} are not supported; send tools of type "function"`),
  }),
);

export type FunctionTool = z.output<typeof functionTool>;
export type ResponseTool = z.output<typeof responseTool>;

const oneFunction = z.object({ type: z.literal('function'), name: z.string(), namespace: z.string().nullish() });

export const responseToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.discriminatedUnion(
    'type',
    [
      oneFunction,
      z.object({
        type: z.literal('allowed_tools'),
        mode: z.enum(['auto', 'required']),
        tools: z.array(orHostedTool(oneFunction)),
      }),
    ],
    {
      error: refuse(
        (type) =>
          `choices of type ${type} are not supported; send none, auto, required or {"type": "function", "name"}`,
      ),
    },
  ),
]);

export type ResponseToolChoice = z.output<typeof responseToolChoice>;

/**
 * `strict` is true at OpenAI when it is left out. Here it is not: clients send schemas that cannot be kept to the letter
 * and leave it out, and their arguments are held to the schema as far as it can be.
 */
export function readTool({ name, description, parameters, strict }: FunctionTool) {
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(parameters && { parameters }),
    ...(strict && { strict }),
  };
}

/** The model is told of no others than those that it may call: whether that is one, by the name that the model knows. */
export function isAllowed(choice: ResponseToolChoice | null | undefined): (name: string) => boolean {
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return () => true;
  const names = new Set(offered(choice.tools).map(flatName));
  return (name) => names.has(name);
}

/** Without tools there is nothing to choose: `auto` and `none` say nothing then. */
export function readToolChoice(
  tools: readonly object[],
  choice: ResponseToolChoice | null | undefined,
): GenerateInput['toolChoice'] | null {
  if (!choice) return null;
  const asked = typeof choice === 'string' || choice.type === 'function' ? choice : choice.mode;
  if (typeof asked !== 'string') return { name: flatName(asked) };
  return tools.length === 0 && (asked === 'auto' || asked === 'none') ? null : asked;
}
