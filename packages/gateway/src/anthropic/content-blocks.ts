import { jsonSchema, tool } from '@headway/protocol';
import { z } from 'zod';

/** A block of text; `cache_control` and `citations` are ignored. */
const textBlock = z.object({ type: z.literal('text'), text: z.string() });

const callId = z.string().min(1).max(256);

const toolUseBlock = z.object({
  type: z.literal('tool_use'),
  id: callId,
  name: tool.shape.name,
  // Any JSON object that is not too deep to be written out again.
  input: jsonSchema,
});

const onlyText = z.array(
  z.discriminatedUnion('type', [textBlock], {
    error: unknownBlock('this model reads text only, send {"type": "text"}'),
  }),
);

/** A string, or blocks of text that are joined as they are. */
export const textContent = z.union([z.string(), onlyText]);

const toolResultBlock = z.object({
  type: z.literal('tool_result'),
  tool_use_id: callId,
  content: textContent.nullish(),
  is_error: z.boolean().nullish(),
});

export type ToolUseBlock = z.output<typeof toolUseBlock>;
export type ToolResultBlock = z.output<typeof toolResultBlock>;

const userBlock = z.discriminatedUnion('type', [textBlock, toolResultBlock], {
  error: unknownBlock('this model reads text only, send text or tool_result'),
});

const assistantBlock = z.discriminatedUnion(
  'type',
  [
    textBlock,
    toolUseBlock,
    // What the model thought in an earlier turn; what is redacted nobody can read.
    z.object({ type: z.literal('thinking'), thinking: z.string() }),
    z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  ],
  { error: unknownBlock('send text, tool_use, thinking or redacted_thinking') },
);

/** A message as Anthropic has it. */
export const anthropicMessage = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.literal('user'), content: z.union([z.string(), z.array(userBlock).min(1)]) }),
    z.object({ role: z.literal('assistant'), content: z.union([z.string(), z.array(assistantBlock).max(1024)]) }),
    z.object({ role: z.literal('system'), content: textContent }),
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union'
        ? 'use one of user, assistant, system; instructions for the whole go into the field `system`'
        : 'expected an object with role and content',
  },
);

export type AnthropicMessage = z.output<typeof anthropicMessage>;

export function contentText(content: z.output<typeof textContent>): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

function unknownBlock(remedy: string) {
  return ({ code, input }: { code?: string | undefined; input?: unknown }): string =>
    code === 'invalid_union'
      ? `blocks of type ${typeOf(input)} are not supported here; ${remedy}`
      : 'expected an object with a type';
}

function typeOf(block: unknown): string {
  const { type } = block as { type?: unknown };
  return JSON.stringify(type) ?? 'nothing';
}
