import { idleGeneration } from '@headway/client/react';
import { errorCode, finishReason, isHeadwayError, noUsage, parse, timings, toolCall, usage } from '@headway/protocol';
import { z } from 'zod';

import { settingsSchema } from '../settings/settings-schema.ts';
import { fileFormat } from './export-conversations.ts';
import type { Conversation, Message } from './records.ts';

const id = z.string().regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens or underscores');
const time = z.number().nonnegative();
const text = z.string();

const conversation = z.object({
  id,
  title: text.max(200),
  named: z.boolean().default(false),
  pinned: z.boolean().default(false),
  created: time,
  changed: time,
  chosen: z.record(z.string(), id).default({}),
  settings: settingsSchema.default({}),
  model: text.nullable().default(null),
});

const document = z.object({ id, name: text, text, bytes: z.number().nonnegative() });

const toolResult = z.object({ id: text.min(1).max(256), name: text, text });

const question = z.object({
  kind: z.literal('question'),
  id,
  conversation: id,
  parent: id.nullable(),
  created: time,
  text,
  documents: z.array(document).default([]),
  toolResults: z.array(toolResult).max(128).optional(),
});

const result = z.object({
  text: text.default(''),
  reasoning: text.default(''),
  completionTokens: z.int().nonnegative().default(0),
  tokensPerSecond: z.number().nonnegative().nullable().default(null),
  toolCalls: z.array(toolCall).default([]),
  finishReason: finishReason.nullable().default(null),
  usage: usage.nullable().default(null),
  timings: timings.nullable().default(null),
  error: z
    .object({ code: errorCode, message: text, retryable: z.boolean().default(false) })
    .nullable()
    .default(null),
});

const reply = z.object({
  kind: z.literal('reply'),
  id,
  conversation: id,
  parent: id,
  created: time,
  generation: id,
  index: z.int().min(0).max(63).default(0),
  model: text.nullable().default(null),
  set: id.nullable().default(null),
  json: z.literal(true).optional(),
  result: result.nullable().default(null),
});

const file = z.object({
  headwayConversations: z.literal(fileFormat),
  conversations: z.array(conversation).max(100_000),
  messages: z.array(z.discriminatedUnion('kind', [question, reply])).max(1_000_000),
});

export type Import = { conversations: Conversation[]; messages: Message[] } | { problem: string };

/** Reads an exported file, or says what is wrong with it, phrased to follow the file's name. */
export function importConversations(content: string): Import {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { problem: 'is not JSON. Choose a file that “Export all” made.' };
  }
  if (typeof value !== 'object' || value === null || !('headwayConversations' in value)) {
    return { problem: 'has no exported chats. Choose a file that “Export all” made.' };
  }
  try {
    const { conversations, messages } = parse(file, value);
    return {
      conversations: conversations.map((one) => ({ ...one, deleted: null })),
      messages: messages.map((one): Message => (one.kind === 'question' ? one : withResult(one))),
    };
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    return { problem: `cannot be imported: ${thrown.message}.` };
  }
}

/** A reply whose generation is unknown here never goes on: it ended with what it had. */
function withResult(one: z.output<typeof reply>): Message {
  const { result: stored, ...rest } = one;
  const found = stored ?? result.parse({});
  const base = { type: 'error' as const, id: one.generation, seq: 0, index: 0, remaining: 0, usage: noUsage };
  const error = found.error && { ...base, ...found.error };
  return {
    ...rest,
    result: { ...idleGeneration, ...found, id: one.generation, error, state: error ? 'error' : 'done' },
  };
}
