import { EventStreamContentType, fetchEventSource } from '@microsoft/fetch-event-source';

import { packageVersion } from '../package-version.ts';
import { chatByHand, RefusedError } from './chat-by-hand.ts';

/** Runs `work` with the globals of a page, which the library expects. */
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
        // Otherwise it closes the stream when the tab is hidden and sends the request again when it is shown.
        openWhenHidden: true,
        async onopen(response) {
          if (response.headers.get('content-type')?.startsWith(EventStreamContentType)) return;
          throw new RefusedError(response.status, await response.text());
        },
        onmessage: ({ data }) => onData(data),
        // Otherwise it sends the request again.
        onerror(error) {
          throw error;
        },
      }),
    ),
});
