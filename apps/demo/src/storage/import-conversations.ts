import { idleGeneration } from '@headway/client/react';
import {
  errorCode,
  finishReason,
  isHeadwayError,
  lifecycle,
  noUsage,
  parse,
  prefillEvent,
  spanEvent,
  timings,
  toolCall,
  usage,
} from '@headway/protocol';
import { z } from 'zod';

import { settingsSchema } from '../settings/settings-schema.ts';
import { fileFormat } from './export-conversations.ts';
import { mostOfSet, type Conversation, type Message } from './records.ts';

/** The most samples that the page keeps of a generation. */
const maxSamples = 256;

const id = z
  .string()
  .regex(/^(?!__proto__$)[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens or underscores, and not __proto__');
/** The latest time of JavaScript, in ms since 1970. */
const latest = 8.64e15;
const time = z.number().min(0).max(latest);
const text = z.string();
const count = z.int().min(0);

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

const document = z.object({
  id,
  name: text,
  text,
  bytes: count,
  note: text.optional(),
  other: z.object({ form: z.enum(['source', 'text']), text }).optional(),
});

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

const sample = z.object({
  elapsedMs: z.number().min(0),
  phase: lifecycle.exclude(['ended']),
  waiting: z.boolean(),
  processed: count,
  completionTokens: count,
});

const result = z.object({
  text: text.default(''),
  reasoning: text.default(''),
  reasoningTokens: count.default(0),
  reasoningMs: z.number().min(0).default(0),
  completionTokens: count.default(0),
  tokensPerSecond: z.number().min(0).nullable().default(null),
  heartbeat: count.default(0),
  prefill: prefillEvent.nullable().default(null),
  spans: z
    .array(spanEvent.omit({ type: true, seq: true, index: true }))
    .max(256)
    .default([]),
  samples: z.array(sample).max(maxSamples).default([]),
  toolCalls: z.array(toolCall).default([]),
  finishReason: finishReason.nullable().default(null),
  usage: usage.nullable().default(null),
  timings: timings.nullable().default(null),
  error: z
    .object({ code: errorCode, message: text, retryable: z.boolean().default(false) })
    .nullable()
    .default(null),
});

/** What an answer had when it was exported while it ran. */
const soFar = z.object({ text, reasoning: text, completionTokens: count });

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
  soFar: soFar.optional(),
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
    const misplaced = findMisplaced(conversations, messages);
    if (misplaced !== null) return { problem: `cannot be imported: ${misplaced}` };
    return {
      conversations: conversations.map((one) => ({ ...one, deleted: null })),
      messages: messages.map((one): Message => (one.kind === 'question' ? one : withResult(one))),
    };
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    return { problem: `cannot be imported: ${thrown.message}.` };
  }
}

/** What is wrong with the places of records, with the field's path; null for nothing. */
function findMisplaced(
  conversations: readonly { id: string }[],
  messages: readonly z.output<typeof file>['messages'][number][],
): string | null {
  const known = new Set(conversations.map((one) => one.id));
  const sets = new Map<string, number>();
  for (const [at, message] of messages.entries()) {
    if (!known.has(message.conversation)) {
      return `messages[${at}].conversation: names no conversation of the file; add it, or remove the message.`;
    }
    if (message.kind !== 'reply' || message.set === null) continue;
    const size = (sets.get(message.set) ?? 0) + 1;
    sets.set(message.set, size);
    if (size > mostOfSet) {
      return `messages[${at}].set: is the set of more than ${mostOfSet} answers; remove some, or make it null.`;
    }
  }
  return null;
}

/** A reply whose generation is unknown here never goes on: it ended with what it had. */
function withResult({ soFar: written, result: stored, ...rest }: z.output<typeof reply>): Message {
  const found = stored ?? result.parse({ ...written, finishReason: 'cancelled' });
  const base = { type: 'error' as const, id: rest.generation, seq: 0, index: 0, remaining: 0, usage: noUsage };
  const error = found.error && { ...base, ...found.error };
  return {
    ...rest,
    result: { ...idleGeneration, ...found, id: rest.generation, error, state: error ? 'error' : 'done' },
  };
}
