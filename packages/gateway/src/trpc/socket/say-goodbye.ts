import type { WebSocket } from 'ws';

/** How long a client has to say goodbye, too. `ws` by itself would wait for half a minute. */
const goodbyeMs = 1000;

/** Closes a socket with a word why, which a client that reads will get, and one that does not cannot stay for. */
export function sayGoodbye(client: WebSocket, code: number, reason: string): void {
  client.close(code, reason);
  const late = setTimeout(() => client.terminate(), goodbyeMs);
  client.once('close', () => clearTimeout(late));
}
