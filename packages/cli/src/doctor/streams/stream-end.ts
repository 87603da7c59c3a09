import { jsonOf, objectOrNull, type StreamItem } from './stream-items.ts';
import type { SurfaceId } from './surfaces.ts';

/** The fault of a stream's end; null if it ended as its API's clients expect of a whole answer. */
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
      // The AI SDK waits forever for a finish_reason; OpenAI's SDKs end at [DONE].
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

/** The message of an API's error body, in any of the APIs' shapes. */
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
