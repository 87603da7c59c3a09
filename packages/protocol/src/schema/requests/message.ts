import { z } from 'zod';

import { maxBodyBytes } from '../max-body-bytes.ts';
import { toolName } from './tool-name.ts';

const text = z.string().max(maxBodyBytes);

const textPart = z.strictObject({
  type: z.literal('text', {
    error: (issue) =>
      `parts of type ${JSON.stringify(issue.input)} are not supported; this model reads text only, send {"type": "text"}`,
  }),
  text,
});

/** A call that the model made in an earlier message. */
const pastToolCall = z.strictObject({
  id: z.string().min(1).max(256),
  name: toolName,
  /** JSON text. */
  arguments: text,
});

/** A text, or a list of text parts, which are joined without a separator. */
export const messageContent = z.union([text, z.array(textPart).min(1).max(1024)]);

export const systemMessage = z.strictObject({ role: z.literal('system'), content: messageContent });
export const userMessage = z.strictObject({ role: z.literal('user'), content: messageContent });
export const assistantMessage = z.strictObject({
  role: z.literal('assistant'),
  content: messageContent,
  /** The model's reasoning before the content. The chat template decides whether the model sees it again. */
  reasoning: text.optional(),
  toolCalls: z.array(pastToolCall).max(128).optional(),
});
export const toolMessage = z.strictObject({
  role: z.literal('tool'),
  toolCallId: z.string().min(1).max(256),
  content: messageContent,
});

/** One message of a conversation. */
export const message = z.discriminatedUnion('role', [systemMessage, userMessage, assistantMessage, toolMessage]);

export type Message = z.infer<typeof message>;

/** The text of a message, with its parts joined. */
export function messageText(content: z.infer<typeof messageContent>): string {
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}
