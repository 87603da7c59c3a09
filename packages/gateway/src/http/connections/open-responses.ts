import type { Server, ServerResponse } from 'node:http';

export interface OpenResponses {
  /** Resolves when those that are under way have ended, or when `late` does. */
  settled(late: Promise<void>): Promise<void>;
}

/**
 * Knows which responses of a server are under way. Node counts a connection that a browser opened ahead of need as busy,
 * so that `server.close()` alone would wait for it.
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
