import { createEventSource } from 'eventsource-client';

import { packageVersion } from '../package-version.ts';
import { chatByHand, RefusedError } from './chat-by-hand.ts';

/** The library reconnects after every end, so this closes it at `[DONE]` and on an error status. */
export const eventSourceClient = chatByHand({
  name: '`eventsource-client`',
  version: packageVersion(import.meta.resolve('eventsource-client')),
  read: ({ url, body, signal, onData }) =>
    new Promise<void>((resolve, reject) => {
      const close = (settle: () => void) => {
        source.close();
        settle();
      };
      const source = createEventSource({
        url,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        fetch: async (...request) => {
          const response = await fetch(...request);
          if (response.ok) return response;
          const refused = new RefusedError(response.status, await response.text());
          close(() => reject(refused));
          throw refused;
        },
        onMessage: ({ data }) => {
          onData(data);
          if (data === '[DONE]') close(resolve);
        },
        onScheduleReconnect: () => close(() => reject(new Error('the stream broke off'))),
      });
      signal?.addEventListener('abort', () => close(() => reject(new Error('aborted'))), { once: true });
    }),
});
