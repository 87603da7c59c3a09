import { createParser } from 'eventsource-parser';

/** What a stream of server-sent events is made of, in the order in which it came. */
export type StreamItem =
  | { type: 'comment'; text: string }
  | { type: 'event'; name: string | null; id: string | null; data: string };

/** A line that never ends would fill the memory. */
const longestLine = 1024 * 1024;

/** Reads a stream from its bytes, piece by piece. */
export class StreamReader {
  readonly items: StreamItem[] = [];
  readonly #decoder = new TextDecoder();
  /** Why this is no stream of events; null as far as it is one. */
  fault: string | null = null;
  readonly #parser = createParser({
    maxBufferSize: longestLine,
    onEvent: ({ event, id, data }) => this.items.push({ type: 'event', name: event ?? null, id: id ?? null, data }),
    onComment: (text) => this.items.push({ type: 'comment', text }),
    onError: ({ message }) => (this.fault ??= message),
  });

  read(bytes: Uint8Array): void {
    this.#parser.feed(this.#decoder.decode(bytes, { stream: true }));
  }
}

/** All items of a stream that is there as a text. */
export function streamItems(text: string): StreamItem[] {
  const reader = new StreamReader();
  reader.read(new TextEncoder().encode(text));
  return reader.items;
}

/** An event's data as a JSON object; null for a comment, for `[DONE]` and for anything else. */
export function jsonOf(item: StreamItem): Record<string, unknown> | null {
  if (item.type === 'comment') return null;
  try {
    return objectOrNull(JSON.parse(item.data));
  } catch {
    return null;
  }
}

export function objectOrNull(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
