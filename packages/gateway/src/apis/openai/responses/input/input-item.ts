import type { Issue } from '@headway/protocol';
import { z } from 'zod';

import { unreadableParts, type CheckedMessage } from '../../../../surface/content/unreadable-parts.ts';
import { orHostedToolItem, isHostedToolType } from './hosted-tool-item.ts';
import { functionCall, functionCallOutput } from './function-call-item.ts';
import { anyContent, inputContent, outputContent, unreadablePart } from './input-content.ts';

/** Some clients leave out the type of messages. */
const messageType = z.literal('message').nullish();

const message = z.discriminatedUnion(
  'role',
  [
    z.object({ type: messageType, role: z.enum(['system', 'developer']), content: inputContent }),
    z.object({ type: messageType, role: z.literal('user'), content: anyContent }),
    z.object({ type: messageType, role: z.literal('assistant'), content: outputContent }),
  ],
  {
    error: ({ code }) =>
      code === 'invalid_union'
        ? 'use one of system, developer, user, assistant'
        : 'expected an object with role and content',
  },
);

const thoughts = z.array(z.object({ type: z.string(), text: z.string().nullish() })).nullish();

/** Reasoning of an earlier answer: its text in `content`, or a summary of it. */
const reasoning = z.object({ type: z.literal('reasoning'), content: thoughts, summary: thoughts });

/** A reference to a kept item by its id. */
const itemReference = z.object({ type: z.literal('item_reference'), id: z.string().min(1).max(256) });

/** An entry of `input` in OpenAI's format, including items of hosted tools. */
export const inputItem = orHostedToolItem(
  z.discriminatedUnion('type', [message, functionCall, functionCallOutput, reasoning, itemReference], {
    error: ({ code, input }) => (code === 'invalid_union' ? refusalOf(input) : 'expected an object with type'),
  }),
);

/** An entry of `input`. */
export type AskedItem = z.output<typeof inputItem>;
export type ItemReference = z.output<typeof itemReference>;
/** An entry of a conversation, in which references are resolved. */
export type InputItem = Exclude<AskedItem, ItemReference>;
export type Reasoning = z.output<typeof reasoning>;

/** Finds the parts in the user's latest messages that are not text. */
export function unreadable(input: readonly AskedItem[]): Generator<Issue> {
  const checked = input.map((item): CheckedMessage => {
    if (item.type === 'function_call_output') return { from: 'tool', content: item.output };
    if (!('role' in item)) return { from: 'other', content: null };
    return { from: item.role === 'user' ? 'user' : 'other', content: item.content };
  });
  return unreadableParts(checked, { at: (place) => ['input', place], remedy: unreadablePart });
}

/** The text of reasoning; '' if it is encrypted. */
export function thoughtOf({ content, summary }: Reasoning): string {
  const written = (content ?? []).flatMap(({ type, text }) => (type === 'reasoning_text' && text ? [text] : []));
  if (written.length > 0) return written.join('');
  return (summary ?? []).flatMap(({ text }) => (text ? [text] : [])).join('\n\n');
}

function refusalOf(item: unknown): string {
  const { type } = item as { type?: unknown };
  if (isHostedToolType(type)) return `items of type ${JSON.stringify(type)} need a call_id of 1 to 256 characters`;
  return `items of type ${JSON.stringify(type) ?? 'nothing'} are not supported; send message, function_call, function_call_output, reasoning or item_reference`;
}
