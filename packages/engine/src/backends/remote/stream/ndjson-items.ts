import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

import type { StreamItem } from './upstream-signal.ts';

/** The lines of a body of newline-delimited JSON, each as an event. */
export async function* ndjsonItems(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamItem[]> {
  const input = Readable.from(body);
  try {
    for await (const line of createInterface({ input })) {
      yield line.trim() === '' ? [] : [{ kind: 'event', name: undefined, data: line }];
    }
  } finally {
    input.destroy();
  }
}
