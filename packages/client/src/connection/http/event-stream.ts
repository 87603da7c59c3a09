import type { GenerationEvent, HeadwayError } from '@headway/protocol';
import { createParser } from 'eventsource-parser';

import { errorFromJson } from '../../errors/error-from-http.ts';

export interface EventStreamOptions {
  /** Stops reading when it aborts. */
  signal: AbortSignal;
  onEvent: (event: GenerationEvent) => void;
  /** Called at each chunk, a keep-alive comment included. */
  onChunk: () => void;
}

/**
 * Reads a generation's events from a reply of server-sent events, to its end. Returns the error of a `closed` event: the
 * gateway's reason for ending the reply before the generation.
 *
 * @throws the error of the reply's body; SyntaxError for an event that is not JSON
 */
export async function readEventStream(
  body: ReadableStream<Uint8Array>,
  { signal, onEvent, onChunk }: EventStreamOptions,
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
  // fetch's own signal is not enough: Node drops it when the request is garbage collected.
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return closed;
      onChunk();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    // An unread reply would keep its connection open.
    cancel();
  }
}
