import type { Server, ServerResponse } from 'node:http';

export interface OpenResponses {
  /** Resolves when the responses that are open now have ended, or when `late` resolves. */
  settled(late: Promise<void>): Promise<void>;
}

/**
 * Tracks a server's open responses. `server.close()` alone would wait too long: Node counts a connection that a browser
 * opened in advance as busy.
 */
export function trackResponses(server: Server): OpenResponses {
  const open = new Set<ServerResponse>();
  server.on('request', (_request, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return {
    async settled(late) {
      await Promise.race([
        Promise.all([...open].map((response) => new Promise((resolve) => response.once('close', resolve)))),
        late,
      ]);
    },
  };
}
