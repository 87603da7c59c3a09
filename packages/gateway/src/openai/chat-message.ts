import { type Message } from '@headway/protocol';
import { z } from 'zod';

const part = z.discriminatedUnion('type', [z.object({ type: z.literal('text'), text: z.string() })], {
  error: ({ code, input }) =>
    code === 'invalid_union'
      ? `parts of type ${typeOf(input)} are not supported; this model reads text only, send {"type": "text"}`
      : 'expected an object with type and text',
});

const content = z.union([z.string(), z.array(part).min(1)]);

const toolCall = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

/** A message as OpenAI has it; `developer` is its newer word for `system`. */
export const chatMessage = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.enum(['system', 'developer']), content }),
    z.object({ role: z.literal('user'), content }),
    z.object({ role: z.literal('assistant'), content: content.nullish(), tool_calls: z.array(toolCall).nullish() }),
    z.object({ role: z.literal('tool'), tool_call_id: z.string(), content }),
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union'
        ? 'use one of system, developer, user, assistant, tool'
        : 'expected an object with role and content',
  },
);

export type ChatMessage = z.output<typeof chatMessage>;

/** The same message in the engine's terms. */
export function toMessage(message: ChatMessage): Message {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: message.content };
    case 'user':
      return { role: 'user', content: message.content };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content ?? '',
        ...(message.tool_calls?.length && {
          toolCalls: message.tool_calls.map(({ id, function: { name, arguments: args } }) => ({
            id,
            name,
            arguments: args,
          })),
        }),
      };
    case 'tool':
      return { role: 'tool', toolCallId: message.tool_call_id, content: message.content };
    default:
      return message satisfies never;
  }
}

function typeOf(part: unknown): string {
  const { type } = part as { type?: unknown };
  return JSON.stringify(type) ?? 'nothing';
}
