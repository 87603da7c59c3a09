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
 * A tool: a function, by itself or in a namespace. OpenAI's hosted tools (web_search, file_search, …) run on OpenAI's
 * servers and are left out.
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
 * Without `strict` OpenAI assumes true; Headway assumes false, because clients leave it out of schemas that a grammar
 * cannot enforce in full. Headway then enforces the schema as far as it can.
 */
export function readTool({ name, description, parameters, strict }: FunctionTool) {
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(parameters && { parameters }),
    ...(strict && { strict }),
  };
}

/** Whether the model gets a function, by its flat name: with `allowed_tools` only those that it may call. */
export function isAllowed(choice: ResponseToolChoice | null | undefined): (name: string) => boolean {
  if (typeof choice !== 'object' || choice?.type !== 'allowed_tools') return () => true;
  const names = new Set(offered(choice.tools).map(flatName));
  return (name) => names.has(name);
}

/** Null for `auto` and `none` without tools, where they have no effect. */
export function readToolChoice(
  tools: readonly object[],
  choice: ResponseToolChoice | null | undefined,
): GenerateInput['toolChoice'] | null {
  if (!choice) return null;
  const asked = typeof choice === 'string' || choice.type === 'function' ? choice : choice.mode;
  if (typeof asked !== 'string') return { name: flatName(asked) };
  return tools.length === 0 && (asked === 'auto' || asked === 'none') ? null : asked;
}
