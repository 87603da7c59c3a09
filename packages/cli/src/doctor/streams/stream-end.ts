import { jsonOf, objectOrNull, type StreamItem } from './stream-items.ts';
import type { SurfaceId } from './surfaces.ts';

/** What is wrong with how a stream ended; null when its API's clients know that the answer is whole. */
export function endFault(surface: SurfaceId, items: readonly StreamItem[]): string | null {
  const failed = items.map(errorOf).find((message) => message !== null);
  if (failed !== undefined && failed !== null) return `the answer failed: ${failed}`;
  const events = items.filter((item) => item.type === 'event');
  const last = events.at(-1);
  if (last === undefined) return 'the stream ended without an event';
  const lastType = jsonOf(last)?.['type'];
  switch (surface) {
    case 'chat':
    case 'completions':
      // The AI SDK waits for the first for ever, OpenAI's SDKs end at the second.
      if (!events.some(hasFinishReason)) return 'no chunk carries a finish_reason';
      return last.data === '[DONE]' ? null : 'the stream ended without data: [DONE]';
    case 'responses':
      if (lastType === 'response.completed' || lastType === 'response.incomplete') return null;
      return 'the stream ended without response.completed or response.incomplete';
    case 'messages':
      return lastType === 'message_stop' ? null : 'the stream ended without message_stop';
    default:
      return surface satisfies never;
  }
}

/** What an API's error body says, wherever it has its message. */
export function errorMessage(body: Record<string, unknown> | null): string | null {
  const error =
    objectOrNull(body?.['error']) ?? (typeof body?.['error'] === 'string' ? { message: body['error'] } : null);
  if (error === null) return null;
  return typeof error['message'] === 'string' ? error['message'] : JSON.stringify(error);
}

function errorOf(item: StreamItem): string | null {
  return errorMessage(jsonOf(item));
}

function hasFinishReason(item: StreamItem): boolean {
  const choices = jsonOf(item)?.['choices'];
  return (
    Array.isArray(choices) && choices.some((choice) => typeof objectOrNull(choice)?.['finish_reason'] === 'string')
  );
}
