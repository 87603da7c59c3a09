import type { GenerationEvent, HeadwayError } from '@headway/protocol';
import { createParser } from 'eventsource-parser';

import { errorFromJson } from './error-from-http.ts';

export interface EventStreamObserver {
  onEvent: (event: GenerationEvent) => void;
  /** At every piece that comes, be it a comment that keeps the line awake. */
  onLife: () => void;
}

/**
 * Reads a generation's events as server-sent events to the end of the reply. Returns why the gateway closed it before
 * the generation's end, if it said so.
 *
 * @throws what the reply failed with; SyntaxError for an event that is not JSON
 */
export async function readEventStream(
  body: ReadableStream<Uint8Array>,
  { onEvent, onLife }: EventStreamObserver,
): Promise<HeadwayError | null> {
  let closed: HeadwayError | null = null;
  const parser = createParser({
    onEvent({ event = 'message', data }) {
      if (event === 'message') onEvent(JSON.parse(data) as GenerationEvent);
      else if (event === 'closed') closed = errorFromJson(JSON.parse(data));
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return closed;
      onLife();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    // A reply that nobody reads on would hold its connection.
    await reader.cancel().catch(() => undefined);
  }
}
