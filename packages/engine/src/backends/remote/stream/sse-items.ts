import { createParser } from 'eventsource-parser';
import { HeadwayError } from '@headway/protocol';

import type { StreamItem } from './upstream-signal.ts';

/** The most characters of one event; a longer one ends the stream with an error. */
const longestEvent = 16 * 1024 * 1024;

/**
 * The events and comments of a body of server-sent events, in order. Chunks may end within a character or a line.
 *
 * @throws HeadwayError `upstream-failed` for an event of more than 16 million characters; the error of the body
 */
export async function* sseItems(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamItem[]> {
  let items: StreamItem[] = [];
  let tooLong = false;
  const parser = createParser({
    maxBufferSize: longestEvent,
    onEvent: ({ event, data }) => items.push({ kind: 'event', name: event, data }),
    onComment: (text) => items.push({ kind: 'comment', text }),
    onError: ({ type }) => {
      tooLong ||= type === 'max-buffer-size-exceeded';
    },
  });
  const decoder = new TextDecoder();
  const take = () => {
    if (tooLong) throw new HeadwayError('upstream-failed', 'the upstream sent an event that is too long to read');
    const taken = items;
    items = [];
    return taken;
  };
  for await (const chunk of body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield take();
  }
  // The last event counts also where the stream ends without the blank line after it.
  parser.feed(`${decoder.decode()}\n\n`);
  yield take();
}
