import { jsonOf, type StreamItem } from '../streams/stream-items.ts';
import type { SurfaceId } from '../streams/surfaces.ts';

/** Why a client with this rule fails on a stream; null if it does not. */
export type ClientRule = (items: readonly StreamItem[], surface: SurfaceId) => string | null;

/** Combines rules; the first one that fails gives the reason. */
export const all =
  (...rules: readonly ClientRule[]): ClientRule =>
  (items, surface) => {
    for (const rule of rules) {
      const why = rule(items, surface);
      if (why !== null) return why;
    }
    return null;
  };

/** For hand-written readers, which skip unknown events. */
export const readsByHand: ClientRule = () => null;

/**
 * OpenAI's SDKs read every event as one of the API's, whatever its name: on chat and completions as a chunk with `choices`.
 * Measured: openai for JavaScript, openai for Python and the AI SDK, with events without `choices`.
 */
export const wantsChunks: ClientRule = (items, surface) =>
  surface === 'chat' || surface === 'completions'
    ? firstFault(items, (data) => (Array.isArray(data['choices']) ? null : 'has no choices'))
    : null;

/** openai for JavaScript accumulates a response, and throws for event types without a case. */
export const wantsKnownResponses: ClientRule = (items, surface) =>
  surface === 'responses'
    ? firstFault(items, ({ type }) => (known.test(String(type)) ? null : `is of the type ${String(type)}`))
    : null;

const known =
  /^(error|response\.(created|queued|in_progress|completed|incomplete|failed|(output_item|content_part|reasoning_summary_part)\.(added|done)|(output_text|refusal|reasoning_text|reasoning_summary_text|function_call_arguments)\.(delta|done)|output_text\.annotation\.added))$/;

/** openai for Python throws unless the first event is `response.created`. */
export const wantsCreatedFirst: ClientRule = (items, surface) => {
  const first = surface === 'responses' ? items.find((item) => item.type === 'event') : undefined;
  if (!first || jsonOf(first)?.['type'] === 'response.created') return null;
  return 'the first event is not response.created';
};

/** The AI SDK checks Responses with a schema that accepts any event with a type. */
export const wantsTypedResponses: ClientRule = (items, surface) =>
  surface === 'responses' ? firstFault(items, ({ type }) => (typeof type === 'string' ? null : 'has no type')) : null;

/** openai for Python keeps the last `id`; the blank line after a later comment then ends an event without data. */
export const wantsNoCommentBehindId: ClientRule = (items) => {
  const from = items.findIndex((item) => item.type === 'event' && item.id !== null);
  if (from === -1 || !items.slice(from).some(({ type }) => type === 'comment')) return null;
  return 'a comment after an id: line is read as an empty event';
};

/** The AI SDK's provider for Anthropic checks each event with a schema of the API's types. */
export const wantsKnownMessages: ClientRule = (items, surface) =>
  surface === 'messages'
    ? firstFault(items, ({ type }) => (messageTypes.has(String(type)) ? null : `is of the type ${String(type)}`))
    : null;

const messageTypes = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
  'error',
]);

/** The first fault of the events. Each one except `[DONE]` must be JSON; `faultOf` checks its fields. */
function firstFault(
  items: readonly StreamItem[],
  faultOf: (data: Record<string, unknown>) => string | null,
): string | null {
  for (const item of items) {
    if (item.type === 'comment' || item.data.startsWith('[DONE]')) continue;
    const data = jsonOf(item);
    const fault = data === null ? 'is not a JSON object' : faultOf(data);
    if (fault !== null) return `${item.name === null ? 'an event' : `the event ${item.name}`} ${fault}`;
  }
  return null;
}
