import type { Issue, Message } from '@headway/protocol';
import { z } from 'zod';

import { isLeftOut, joinParts, orLeftOut } from '../../../surface/content/left-out-part.ts';
import { unreadableParts, type CheckedMessage } from '../../../surface/content/unreadable-parts.ts';
import { optionalField } from '../../../surface/optional-field.ts';

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });

const notText = ({ code, input }: { code?: string | undefined; input?: unknown }) =>
  code === 'invalid_union' ? refusalOf(typeOf(input)) : 'expected an object with type and text';

const refusalOf = (type: string) =>
  `parts of type ${type} are not supported; this model reads text only, send {"type": "text"}`;

const content = z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart], { error: notText })).min(1)]);

/** Content that may have parts that are not text. */
const anyContent = z.union([
  z.string(),
  z.array(orLeftOut(z.discriminatedUnion('type', [textPart], { error: notText }))).min(1),
]);

const ownContent = z.union([
  z.string(),
  z.array(z.discriminatedUnion('type', [textPart, refusalPart], { error: notText })).min(1),
]);

const toolCall = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

/**
 * A message in OpenAI's format; `developer` is the newer name of `system`. The model does not see a message's `name`.
 */
export const chatMessage = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.enum(['system', 'developer']), content }),
    z.object({ role: z.literal('user'), content: anyContent }),
    z.object({
      role: z.literal('assistant'),
      content: ownContent.nullish(),
      refusal: z.string().nullish(),
      tool_calls: z.array(toolCall).nullish(),
      /** The model's earlier reasoning, in the field that answers have it in. */
      reasoning_content: z.string().nullish(),
      /** Other servers' name for `reasoning_content`. */
      reasoning: z.string().nullish(),
      function_call: z.null('is the old form of `tool_calls`; send the call as one of them').optional(),
    }),
    z.object({ role: z.literal('tool'), tool_call_id: z.string(), content: anyContent.nullish() }),
  ],
  {
    error: ({ code, input }) => {
      if (code !== 'invalid_union') return 'expected an object with role and content';
      return (input as { role?: unknown }).role === 'function'
        ? 'function is the old form of tool; send the result with the role tool and its tool_call_id'
        : 'use one of system, developer, user, assistant, tool';
    },
  },
);

export type ChatMessage = z.output<typeof chatMessage>;

/** Converts a message to the engine's format. */
export function toMessage(message: ChatMessage): Message {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: message.content };
    case 'user':
      return { role: 'user', content: withLines(message.content) };
    case 'assistant':
      return {
        role: 'assistant',
        content: toText(message.content ?? message.refusal ?? ''),
        ...optionalField('reasoning', message.reasoning_content || message.reasoning || null),
        ...(message.tool_calls?.length && {
          toolCalls: message.tool_calls.map(({ id, function: { name, arguments: args } }) => ({
            id,
            name,
            arguments: args,
          })),
        }),
      };
    case 'tool':
      return { role: 'tool', toolCallId: message.tool_call_id, content: withLines(message.content ?? '') };
    default:
      return message satisfies never;
  }
}

/** Finds the parts in the user's latest messages that are not text. */
export function unreadable(messages: readonly ChatMessage[]): Generator<Issue> {
  const checked = messages.map(({ role, content }): CheckedMessage => ({
    from: role === 'user' || role === 'tool' ? role : 'other',
    content,
  }));
  return unreadableParts(checked, {
    at: (place) => ['messages', place],
    remedy: (type) => refusalOf(JSON.stringify(type)),
  });
}

function withLines(content: z.output<typeof anyContent>): Message['content'] {
  if (typeof content === 'string') return content;
  const texts = content.flatMap((part) => (isLeftOut(part) ? [] : [part]));
  return texts.length === content.length ? texts : joinParts(content, ({ text }) => text);
}

/** The model's text; a refusal counts as text. */
function toText(content: z.output<typeof ownContent>): Message['content'] {
  if (typeof content === 'string') return content;
  return content.map((part) => ({ type: 'text', text: part.type === 'text' ? part.text : part.refusal }));
}

function typeOf(part: unknown): string {
  const { type } = part as { type?: unknown };
  return JSON.stringify(type) ?? 'nothing';
}
