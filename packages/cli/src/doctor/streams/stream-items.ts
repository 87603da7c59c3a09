import { createParser } from 'eventsource-parser';

/** One item of a stream of server-sent events. */
export type StreamItem =
  | { type: 'comment'; text: string }
  | { type: 'event'; name: string | null; id: string | null; data: string };

/** In characters: bounds the memory for a line that never ends. */
const longestLine = 1024 * 1024;

/** Parses a stream of server-sent events from chunks of bytes. */
export class StreamReader {
  readonly items: StreamItem[] = [];
  readonly #decoder = new TextDecoder();
  /** The parser's first error; null without one. */
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

/** Parses a whole stream from a string. */
export function streamItems(text: string): StreamItem[] {
  const reader = new StreamReader();
  reader.read(new TextEncoder().encode(text));
  return reader.items;
}

/** An event's data as a JSON object; null for a comment, for `[DONE]` and for other data. */
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
