import { jsonSchema, tool, type Issue } from '@headway/protocol';
import { z } from 'zod';

import { joinParts, orLeftOut } from '../../../surface/content/left-out-part.ts';
import { orHostedToolBlock } from './hosted-tool-block.ts';
import { unreadableParts, type CheckedMessage } from '../../../surface/content/unreadable-parts.ts';

/** A block of text; `cache_control` and `citations` are ignored. */
const textBlock = z.object({ type: z.literal('text'), text: z.string() });

const callId = z.string().min(1).max(256);

const toolUseBlock = z.object({
  type: z.literal('tool_use'),
  id: callId,
  name: tool.shape.name,
  // Any JSON object that is not too deep to serialise.
  input: jsonSchema,
});

const onlyText = z.array(
  z.discriminatedUnion('type', [textBlock], {
    error: unknownBlock('this model reads text only, send {"type": "text"}'),
  }),
);

/** A tool that a tool search found; the request offers it with `defer_loading`. */
const toolReference = z.object({ type: z.literal('tool_reference'), tool_name: tool.shape.name });

/** A string, or text blocks, which are joined without a separator. */
export const textContent = z.union([z.string(), onlyText]);

/** The result of a tool. A tool that it found becomes a line with the tool's name. */
const resultContent = z.union([
  z.string(),
  z.array(
    orLeftOut(
      orHostedToolBlock(
        z.discriminatedUnion('type', [textBlock, toolReference], {
          error: unknownBlock('this model reads text only, send {"type": "text"}'),
        }),
      ),
    ),
  ),
]);

const toolResultBlock = z.object({
  type: z.literal('tool_result'),
  tool_use_id: callId,
  content: resultContent.nullish(),
  is_error: z.boolean().nullish(),
});

export type ToolUseBlock = z.output<typeof toolUseBlock>;
export type ToolResultBlock = z.output<typeof toolResultBlock>;

const userRemedy = 'this model reads text only, send text or tool_result';

const userBlock = orLeftOut(
  orHostedToolBlock(z.discriminatedUnion('type', [textBlock, toolResultBlock], { error: unknownBlock(userRemedy) })),
);

const assistantBlock = orLeftOut(
  orHostedToolBlock(
    z.discriminatedUnion(
      'type',
      [
        textBlock,
        toolUseBlock,
        // The model's earlier reasoning. Redacted reasoning is encrypted and therefore ignored.
        z.object({ type: z.literal('thinking'), thinking: z.string() }),
        z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
      ],
      { error: unknownBlock('send text, tool_use, thinking or redacted_thinking') },
    ),
  ),
);

/** A message in Anthropic's format. */
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
        ? 'use one of user, assistant, system; instructions for the whole conversation go into the field `system`'
        : 'expected an object with role and content',
  },
);

export type AnthropicMessage = z.output<typeof anthropicMessage>;

export function contentText(content: z.output<typeof textContent>): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('');
}

/** The text of a tool's result, with a line for each part that is not text. */
export function resultText(content: z.output<typeof resultContent>): string {
  if (typeof content === 'string') return content;
  return joinParts(content, (block) =>
    block.type === 'text' ? block.text : `[the tool ${block.tool_name} can be called now]`,
  );
}

/** Finds the blocks in the user's latest messages that are not text. */
export function unreadable(messages: readonly AnthropicMessage[]): Generator<Issue> {
  const checked = messages.map(({ role, content }): CheckedMessage => {
    if (role !== 'user') return { from: 'other', content };
    const results = typeof content === 'string' ? 0 : content.filter(isResult).length;
    if (results === 0) return { from: 'user', content };
    return { from: results === content.length ? 'tool' : 'user-behind-tool', content };
  });
  return unreadableParts(checked, {
    at: (place) => ['messages', place],
    remedy: (type) => refusalOf(JSON.stringify(type), userRemedy),
  });
}

function isResult(block: object): boolean {
  return 'type' in block && block.type === 'tool_result';
}

function refusalOf(type: string, remedy: string): string {
  return `blocks of type ${type} are not supported here; ${remedy}`;
}

function unknownBlock(remedy: string) {
  return ({ code, input }: { code?: string | undefined; input?: unknown }): string =>
    code === 'invalid_union' ? refusalOf(typeOf(input), remedy) : 'expected an object with a type';
}

function typeOf(block: unknown): string {
  const { type } = block as { type?: unknown };
  return JSON.stringify(type) ?? 'nothing';
}
