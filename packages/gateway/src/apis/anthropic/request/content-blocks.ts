import { jsonSchema, tool, type Issue } from '@headway/protocol';
import { z } from 'zod';

import { joinParts, orLeftOut } from '../../../surface/content/left-out-part.ts';
import { elsewhereOr } from './elsewhere-block.ts';
import { unreadableParts, type AskedTurn } from '../../../surface/content/newest-turn.ts';

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

/** A tool that another one found: the client sends it with `defer_loading`. */
const toolReference = z.object({ type: z.literal('tool_reference'), tool_name: tool.shape.name });

/** A string, or blocks of text that are joined as they are. */
export const textContent = z.union([z.string(), onlyText]);

/** What a tool gave back. A tool that it found is told of by its name. */
const resultContent = z.union([
  z.string(),
  z.array(
    orLeftOut(
      elsewhereOr(
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
  elsewhereOr(z.discriminatedUnion('type', [textBlock, toolResultBlock], { error: unknownBlock(userRemedy) })),
);

const assistantBlock = orLeftOut(
  elsewhereOr(
    z.discriminatedUnion(
      'type',
      [
        textBlock,
        toolUseBlock,
        // What the model thought in an earlier turn; what is redacted nobody can read.
        z.object({ type: z.literal('thinking'), thinking: z.string() }),
        z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
      ],
      { error: unknownBlock('send text, tool_use, thinking or redacted_thinking') },
    ),
  ),
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

/** The text of a tool's result; what is no text is a line. */
export function resultText(content: z.output<typeof resultContent>): string {
  if (typeof content === 'string') return content;
  return joinParts(content, (block) =>
    block.type === 'text' ? block.text : `[the tool ${block.tool_name} can be called now]`,
  );
}

/** Where the user's newest words have blocks that are no text. */
export function unreadable(messages: readonly AnthropicMessage[]): Generator<Issue> {
  const turns = messages.map(({ role, content }): AskedTurn => {
    if (role !== 'user') return { from: 'other', content };
    const results = typeof content === 'string' ? 0 : content.filter(isResult).length;
    if (results === 0) return { from: 'user', content };
    return { from: results === content.length ? 'tool' : 'user-behind-tool', content };
  });
  return unreadableParts(turns, {
    at: (turn) => ['messages', turn],
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
