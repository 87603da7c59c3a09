import { jsonOf, type StreamItem } from '../streams/stream-items.ts';
import type { SurfaceId } from '../streams/surfaces.ts';

/** Why clients that read like this fail at a stream; null when they come through. */
export type ReadingRule = (items: readonly StreamItem[], surface: SurfaceId) => string | null;

/** Fails with the first rule that fails. */
export const all =
  (...rules: readonly ReadingRule[]): ReadingRule =>
  (items, surface) => {
    for (const rule of rules) {
      const why = rule(items, surface);
      if (why !== null) return why;
    }
    return null;
  };

/** By hand: what is strange is passed over. */
export const readsByHand: ReadingRule = () => null;

/**
 * OpenAI's SDKs take every event for one of the API's, whatever its name: on chat and completions a chunk whose `choices`
 * they look into. openai for JavaScript, openai for Python and the AI SDK were run against events without.
 */
export const wantsChunks: ReadingRule = (items, surface) =>
  surface === 'chat' || surface === 'completions'
    ? firstFault(items, (data) => (Array.isArray(data['choices']) ? null : 'has no choices'))
    : null;

/** openai for JavaScript adds Responses up, and throws at types that it has no case for. */
export const wantsKnownResponses: ReadingRule = (items, surface) =>
  surface === 'responses'
    ? firstFault(items, ({ type }) => (known.test(String(type)) ? null : `is of the type ${String(type)}`))
    : null;

const known =
  /^(error|response\.(created|queued|in_progress|completed|incomplete|failed|(output_item|content_part|reasoning_summary_part)\.(added|done)|(output_text|refusal|reasoning_text|reasoning_summary_text|function_call_arguments)\.(delta|done)|output_text\.annotation\.added))$/;

/** openai for Python begins with the response, and says so. */
export const wantsCreatedFirst: ReadingRule = (items, surface) => {
  const first = surface === 'responses' ? items.find((item) => item.type === 'event') : undefined;
  if (!first || jsonOf(first)?.['type'] === 'response.created') return null;
  return 'the first event is not response.created';
};

/** The AI SDK checks Responses by a schema that takes whatever has a type. */
export const wantsTypedResponses: ReadingRule = (items, surface) =>
  surface === 'responses' ? firstFault(items, ({ type }) => (typeof type === 'string' ? null : 'has no type')) : null;

/** openai for Python keeps an `id`, so that from there on the blank line behind a comment is an event without data. */
export const wantsNoCommentBehindId: ReadingRule = (items) => {
  const from = items.findIndex((item) => item.type === 'event' && item.id !== null);
  if (from === -1 || !items.slice(from).some(({ type }) => type === 'comment')) return null;
  return 'a comment comes behind an id: line, and is read as an empty event';
};

/** The AI SDK's provider for Anthropic checks each event by a schema of the API's types. */
export const wantsKnownMessages: ReadingRule = (items, surface) =>
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

/** Every event but the end mark must be JSON; `faultOf` says what else is wrong with one. */
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
