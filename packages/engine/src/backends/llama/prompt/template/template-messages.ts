import { createHash } from 'node:crypto';

import { messageText, type Message, type Tool } from '@headway/protocol';

import type { TemplateMessage } from './chat-template.ts';
import type { ExactArguments } from './exact-arguments.ts';
import { placeMessages } from './place-messages.ts';
import type { TemplateAbilities } from './template-abilities.ts';

/** Converts a conversation to the templates' format: https://huggingface.co/docs/transformers/chat_templating. */
export function templateMessages(
  messages: readonly Message[],
  abilities: TemplateAbilities,
  exact: ExactArguments,
): TemplateMessage[] {
  const names = new Map<string, string>();
  const idOf = (id: string) => (abilities.shortIds ? shortId(id) : id);
  const written = messages.map((message): TemplateMessage => {
    const content = messageText(message.content);
    switch (message.role) {
      case 'system':
      case 'user':
        return { role: message.role, content };
      case 'assistant': {
        const { toolCalls, reasoning } = message;
        for (const { id, name } of toolCalls ?? []) names.set(id, name);
        const thought = reasoning !== undefined && { [abilities.thoughtField]: reasoning };
        if (!toolCalls) return { role: 'assistant', content, ...thought };
        const calls = toolCalls.map(({ id, name, arguments: text }) => ({
          id: idOf(id),
          type: 'function',
          function: { name, arguments: abilities.objectArguments ? (exact.read(text) ?? text) : text },
        }));
        return { role: 'assistant', content, ...thought, tool_calls: calls };
      }
      case 'tool': {
        const name = names.get(message.toolCallId) ?? '';
        return { role: 'tool', tool_call_id: idOf(message.toolCallId), name, content };
      }
    }
  });
  const placed = placeMessages(written, abilities);
  if (!abilities.partsOnly) return placed;
  return placed.map(({ content, ...others }) => ({ ...others, content: [{ type: 'text', text: content }] }));
}

/** Nine letters and digits, the same ones for the same id. */
function shortId(id: string): string {
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
}

/** Tools in the format of OpenAI's API, which templates expect. */
export function templateTools(tools: readonly Tool[]): object[] {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
    },
  }));
}
