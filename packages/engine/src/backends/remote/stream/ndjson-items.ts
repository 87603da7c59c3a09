import { HeadwayError } from '@headway/protocol';

import type { StreamItem } from './upstream-signal.ts';

/** The most characters of one line; a longer one ends the stream with an error. */
const longestLine = 16 * 1024 * 1024;

/**
 * The lines of a body of newline-delimited JSON, each as an event. Chunks may end within a character or a line.
 *
 * @throws HeadwayError `upstream-failed` for a line of more than 16 million characters; the error of the body
 */
export async function* ndjsonItems(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamItem[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    if (!text.includes('\n')) {
      rest += text;
      if (rest.length > longestLine) {
        throw new HeadwayError('upstream-failed', 'the upstream sent a line that is too long to read');
      }
      continue;
    }
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    yield itemsOf(lines);
  }
  yield itemsOf([`${rest}${decoder.decode()}`]);
}

function itemsOf(lines: readonly string[]): StreamItem[] {
  return lines.filter((line) => line.trim() !== '').map((data) => ({ kind: 'event', name: undefined, data }));
}
