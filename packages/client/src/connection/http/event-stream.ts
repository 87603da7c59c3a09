import type { GenerationEvent, HeadwayError } from '@headway/protocol';
import { createParser } from 'eventsource-parser';

import { errorFromJson } from '../../errors/error-from-http.ts';

export interface EventStreamOptions {
  /** Ends the reading when it aborts. */
  signal: AbortSignal;
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
  { signal, onEvent, onLife }: EventStreamOptions,
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
  const cancel = () => void reader.cancel(signal.reason).catch(() => undefined);
  // The signal of the request alone does not do: Node's fetch forgets it as soon as the request is garbage.
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return closed;
      onLife();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    // A reply that nobody reads on would hold its connection.
    cancel();
  }
}
