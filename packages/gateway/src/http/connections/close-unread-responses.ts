import type { Server, ServerResponse } from 'node:http';

/** Time that a client has to take the rest of a finished response, in ms. */
const unreadTimeoutMs = 60_000;

/**
 * Closes the connection of a client that does not take a finished response in time, because the gateway would hold that
 * response for ever. Until it is finished, a stream has its own limit (`ConnectionPace`).
 */
export function closeUnreadResponses(server: Server, ms = unreadTimeoutMs): void {
  // First of the listeners, because another one may answer at once.
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.once('prefinish', () => {
      // The gateway holds nothing for a client that has disconnected.
      if (response.closed || response.destroyed) return;
      const late = setTimeout(() => response.destroy(), ms).unref();
      response.once('finish', () => clearTimeout(late)).once('close', () => clearTimeout(late));
    });
  });
}
