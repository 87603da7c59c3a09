import type { Issue } from '@headway/protocol';
import { z } from 'zod';

import { unreadableParts, type AskedTurn } from '../../../../surface/content/newest-turn.ts';
import { elsewhereOr, isElsewhere } from './elsewhere-item.ts';
import { functionCall, functionCallOutput } from './function-call-item.ts';
import { anyContent, inputContent, outputContent, unreadablePart } from './input-content.ts';

/** Clients leave the type of messages out. */
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

/** Thoughts of an earlier answer: in its content, or what it tells of them in its summary. */
const reasoning = z.object({ type: z.literal('reasoning'), content: thoughts, summary: thoughts });

/** An item that was kept, by its id. */
const itemReference = z.object({ type: z.literal('item_reference'), id: z.string().min(1).max(256) });

/** One entry of `input`, as OpenAI has it. What another provider's tools did is read as `elsewhereOr` does. */
export const inputItem = elsewhereOr(
  z.discriminatedUnion('type', [message, functionCall, functionCallOutput, reasoning, itemReference], {
    error: ({ code, input }) => (code === 'invalid_union' ? refusalOf(input) : 'expected an object with type'),
  }),
);

/** What `input` may have. */
export type AskedItem = z.output<typeof inputItem>;
export type ItemReference = z.output<typeof itemReference>;
/** An entry of a conversation. */
export type InputItem = Exclude<AskedItem, ItemReference>;
export type Reasoning = z.output<typeof reasoning>;

/** Where the user's newest words have parts that are no text. */
export function unreadable(input: readonly AskedItem[]): Generator<Issue> {
  const turns = input.map((item): AskedTurn => {
    if (item.type === 'function_call_output') return { from: 'tool', content: item.output };
    if (!('role' in item)) return { from: 'other', content: null };
    return { from: item.role === 'user' ? 'user' : 'other', content: item.content };
  });
  return unreadableParts(turns, { at: (turn) => ['input', turn], remedy: unreadablePart });
}

/** The text of thoughts; empty where they are encrypted. */
export function thoughtOf({ content, summary }: Reasoning): string {
  const written = (content ?? []).flatMap(({ type, text }) => (type === 'reasoning_text' && text ? [text] : []));
  if (written.length > 0) return written.join('');
  return (summary ?? []).flatMap(({ text }) => (text ? [text] : [])).join('\n\n');
}

function refusalOf(item: unknown): string {
  const { type } = item as { type?: unknown };
  if (isElsewhere(type)) return `items of type ${JSON.stringify(type)} need a call_id of 1 to 256 characters`;
  return `items of type ${JSON.stringify(type) ?? 'nothing'} are not supported; send message, function_call, function_call_output, reasoning or item_reference`;
}
