import { EventStreamContentType, fetchEventSource } from '@microsoft/fetch-event-source';

import { packageVersion } from '../package-version.ts';
import { chatByHand, RefusedError } from './chat-by-hand.ts';

/** It is made for pages; what it looks for in one is there while it reads. */
async function inPage<T>(work: () => Promise<T>): Promise<T> {
  const page = { window: globalThis, document: new EventTarget() };
  Object.assign(globalThis, page);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name);
  }
}

export const fetchEventSourceClient = chatByHand({
  name: '`@microsoft/fetch-event-source`',
  version: packageVersion(import.meta.resolve('@microsoft/fetch-event-source')),
  read: ({ url, body, signal, onData }) =>
    inPage(() =>
      fetchEventSource(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal,
        // Else it would stop and ask again with each change of tabs.
        openWhenHidden: true,
        async onopen(response) {
          if (response.headers.get('content-type')?.startsWith(EventStreamContentType)) return;
          throw new RefusedError(response.status, await response.text());
        },
        onmessage: ({ data }) => onData(data),
        // Else it would ask again.
        onerror(error) {
          throw error;
        },
      }),
    ),
});
